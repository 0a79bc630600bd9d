"""Answers to reqPositions that go wrong on command, and books that change while clients watch."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_simulator_commands import give

seeds = st.integers(0, 1000)


def poll(tws: InMemoryTws, **fault: object) -> tuple[list[list[str]], list[list[str]]]:
    """Return an answer without a fault, and the one after a fault was asked for."""
    client = tws.client()
    before = client.ask(61, 1)
    assert give(tws, do="poll", **fault)["ok"]
    return before, client.ask(61, 1)


@settings(max_examples=examples(20))
@given(seeds)
def test_a_row_comes_twice_between_the_rows(seed: int) -> None:
    """Before the end; otherwise the answer is what it was."""
    before, answer = poll(InMemoryTws(positions=12), kind="duplicate", seed=seed)
    assert len(answer) == len(before) + 1
    assert answer[-1] == before[-1]
    assert list(dict.fromkeys(map(tuple, answer))) == list(map(tuple, before))


@settings(max_examples=examples(20))
@given(seeds)
def test_a_position_changes_in_the_middle_of_an_answer(seed: int) -> None:
    """The old row, then the new one as a push, then the end; the next answer has the new one."""
    tws = InMemoryTws(positions=12)
    option = str(tws.held("OPT").con_id)
    other = tws.client(2)
    other.ask(61, 1)
    before, answer = poll(tws, kind="change", con_id=int(option), quantity=77, seed=seed)
    rows = [f for f in answer if f[0] == "61" and f[3] == option]
    assert [f[14] for f in rows] == [next(f[14] for f in before if f[3:4] == [option]), "77"]
    assert answer[-1][0] == "62"
    assert len(answer) == len(before) + 1
    assert [f[14] for f in other.read(61)] == ["77"]


def test_the_end_can_come_before_the_rows() -> None:
    """And does not come again."""
    before, answer = poll(InMemoryTws(positions=12), kind="early_end")
    assert answer == [before[-1], *before[:-1]]


def test_rows_can_come_in_another_order() -> None:
    """All of them, once, and the end last; another seed is another order."""
    before, answer = poll(InMemoryTws(positions=12), kind="shuffle", seed=1)
    _, another = poll(InMemoryTws(positions=12), kind="shuffle", seed=2)
    assert answer != before
    assert answer != another
    assert sorted(answer[:-1]) == sorted(before[:-1])
    assert answer[-1] == before[-1]


@pytest.mark.parametrize("kind", ["duplicate", "change", "early_end", "shuffle"])
def test_so_many_answers_go_wrong_and_then_no_more(kind: str) -> None:
    """Also where there is nothing to go wrong."""
    tws = InMemoryTws(positions=0)
    client = tws.client()
    assert give(tws, do="poll", kind=kind, quantity=1, count=2) == {"ok": True, "pending": 2}
    for _ in range(3):
        assert [f[0] for f in client.ask(61, 1)] == ["62"]
    assert not tws.world.positions.faults


@pytest.mark.parametrize(
    "fault",
    [{}, {"kind": "late"}, {"kind": "change"}, {"kind": "duplicate", "con_id": 1},
     {"kind": "shuffle", "count": 1001}, {"kind": "change", "quantity": 1e300}],
)  # fmt: skip
def test_a_poll_fault_that_makes_no_sense_is_refused(fault: dict[str, object]) -> None:
    """And the next answer is right."""
    tws = InMemoryTws(positions=3)
    assert give(tws, do="poll", **fault)["ok"] is False
    assert [f[0] for f in tws.client().ask(61, 1)] == ["61"] * 3 + ["62"]


def test_an_account_that_is_added_is_sent_to_clients_that_ask_or_connect() -> None:
    """TWS does not say it by itself; its positions come with the others."""
    tws = InMemoryTws(positions=1)
    client = tws.client()
    client.ask(61, 1)
    assert give(tws, do="account_added", account="DU7")["ok"]
    assert client.read() == []
    assert client.ask(17, 1) == [["15", "1", "DU1234567,DU7"]]
    assert give(tws, do="open", account="DU7", symbol="SPY", quantity=5)["ok"]
    assert [f[2] for f in client.read(61)] == ["DU7"]
    assert [f[2] for f in client.ask(61, 1) if f[0] == "61"] == ["DU1234567", "DU7"]
    for name in ("DU7", "", "D U", "DU,8"):
        assert give(tws, do="account_added", account=name)["ok"] is False


numbers = st.integers(0, 7)
commands = st.one_of(
    st.tuples(st.just("position"), numbers, st.integers(-3, 3)),
    st.tuples(st.just("close"), numbers),
    st.tuples(st.just("expire"), numbers),
    st.tuples(
        st.just("open"), st.sampled_from(["SPY", "QQQ", "SPX"]), st.integers(400, 700),
        st.sampled_from("CP"), st.integers(-3, 3),
    ),
    st.tuples(st.just("split"), st.sampled_from(["2:1", "3:2", "1:2"])),
    st.tuples(st.just("account_added"), numbers),
    st.tuples(st.just("poll"), st.sampled_from(["duplicate", "change", "shuffle"]), numbers),
    st.tuples(st.just("ask")),
    st.tuples(st.just("wait"), st.floats(0, 12)),
)  # fmt: skip


def command_of(tws: InMemoryTws, drawn: tuple[Any, ...]) -> dict[str, object]:
    """Make a command of what was drawn, about what is held by then."""
    accounts = tws.world.accounts
    held = list(accounts.positions())
    name, *rest = drawn
    if name == "open":
        names = ("symbol", "strike", "right", "quantity")
        described = dict(zip(names, rest, strict=True))
        return {"do": name, "expiry": "20261211", "account": accounts.names[-1], **described}
    if name == "split":
        return {"do": name, "symbol": "SPY", "ratio": rest[0]}
    if name == "account_added":
        return {"do": name, "account": f"DU{rest[0]}"}
    about: dict[str, object] = {"do": name}
    if held:
        chosen = held[rest[-1 if name == "poll" else 0] % len(held)]
        about |= {"con_id": chosen.contract.con_id, "account": chosen.account}
    if name == "position":
        about["quantity"] = rest[1]
    if name == "poll":
        about |= {"kind": rest[0], "quantity": 4}
    return about


@settings(max_examples=examples(60))
@given(st.lists(commands, max_size=25))
def test_what_subscribers_get_is_what_a_poll_returns_and_what_accounts_hold(
    steps: list[tuple[Any, ...]],
) -> None:
    """After whatever happened to the book, and in the middle of faulty polls."""
    tws = InMemoryTws(positions=6)
    watcher, asker = tws.client(1), tws.client(2)
    reported: dict[tuple[str, str], str] = {}

    def watch() -> None:
        for row in watcher.read(61):
            reported[row[2], row[3]] = row[14]

    watcher.send(61, 1)
    watch()
    for step in steps:
        if step[0] == "wait":
            tws.wait(step[1] * 86_400)
        elif step[0] == "ask":
            asker.ask(61, 1)
        else:
            give(tws, **command_of(tws, step))
        watch()
    tws.world.positions.faults.clear()
    asker.read()
    polled = {(f[2], f[3]): f[14] for f in asker.ask(61, 1) if f[0] == "61"}
    watch()
    held = {(p.account, str(p.contract.con_id)): p.quantity for p in tws.world.accounts.positions()}
    assert {key: Decimal(text) for key, text in polled.items()} == held
    assert {key: Decimal(text) for key, text in reported.items() if text != "0"} == held
    asker.leave()
    watcher.leave()
    assert tws.world.scheduler.next_due is None
