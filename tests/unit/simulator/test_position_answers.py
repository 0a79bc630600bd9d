"""Answers to requests for positions while TWS is not ready, or may not give them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws
from tests.unit.simulator.test_simulator_commands import give

FIRST, SECOND = "DU1234567", "DUK777"
#: Modes that answer without a row.
EMPTY_MODES = ("empty", "empty2151", "2151noend", "silent", "readonly")


def two_accounts() -> tuple[InMemoryTws, InMemoryClient]:
    """Return a client, and a world with twelve positions in one account and one in another."""
    tws = InMemoryTws(positions=12)
    assert give(tws, do="account_added", account=SECOND)["ok"]
    assert give(tws, do="open", account=SECOND, symbol="QQQ", quantity=5)["ok"]
    return tws, tws.client()


def accounts_of(frames: Sequence[list[str]]) -> list[str]:
    """Return the account of each row."""
    return [f[2] for f in frames if f[0] == "61"]


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        ("empty", ["62"]),
        ("empty2151", ["4", "62"]),
        ("2151noend", ["4"]),
        ("silent", []),
        ("readonly", ["4"]),
    ],
)
def test_positions_are_answered_without_a_row_until_it_is_switched_off(
    mode: str, kinds: list[str]
) -> None:
    """The notice or error has the id -1, as the request has none."""
    tws, client = two_accounts()
    assert give(tws, do="position_answers", mode=mode)["ok"]
    for _ in range(3):
        frames = client.ask(61, 1)
        assert [f[0] for f in frames] == kinds
        tws.wait(100)
    code = {"empty2151": "2151", "2151noend": "2151", "readonly": "321"}.get(mode)
    assert [f[2:4] for f in frames if f[0] == "4"] == ([["-1", code]] if code else [])
    assert give(tws, do="position_answers", mode="whole")["ok"]
    assert [f[0] for f in client.ask(61, 1)] == ["61"] * 13 + ["62"]


def test_a_refused_request_subscribes_to_nothing_and_an_empty_answer_to_changes() -> None:
    """A change is pushed after an empty answer, and not after 321."""
    for mode, pushed in (("empty", ["9"]), ("silent", ["9"]), ("readonly", [])):
        tws, client = two_accounts()
        give(tws, do="position_answers", mode=mode)
        client.ask(61, 1)
        give(tws, do="position", con_id=tws.held("OPT").con_id, quantity=9)
        assert [f[14] for f in client.read(61)] == pushed


def test_changes_can_be_withheld_while_answers_are_empty() -> None:
    """They are lost, and the next whole answer has them."""
    tws, client = two_accounts()
    client.ask(61, 1)
    con_id = tws.held("OPT").con_id
    give(tws, do="position_answers", mode="empty", seconds=10, pushes=0)
    give(tws, do="position", con_id=con_id, quantity=9)
    assert client.read() == []
    tws.wait(11)
    give(tws, do="position", con_id=con_id, quantity=8)
    assert [f[14] for f in client.read(61)] == ["8"]


def test_10275_names_the_account_whose_rows_are_missing_and_the_others_come() -> None:
    """Code, account and words; then the rows of the others and an end."""
    tws, client = two_accounts()
    give(tws, do="position_answers", mode="err10275", account=SECOND)
    error, *rows = client.ask(61, 1)
    assert error[2:4] == ["-1", "10275"]
    assert f"account(s): {SECOND} " in error[4]
    assert (accounts_of(rows), rows[-1][0]) == ([FIRST] * 12, "62")


@pytest.mark.parametrize(
    ("account", "left"), [(SECOND, [FIRST] * 12), (FIRST, [SECOND]), ([FIRST, SECOND], [])]
)
def test_an_account_can_be_absent_without_a_word(account: object, left: list[str]) -> None:
    """By default it is the last one."""
    tws, client = two_accounts()
    give(tws, do="position_answers", mode="absent", account=account)
    frames = client.ask(61, 1)
    assert (accounts_of(frames), frames[-1][0]) == (left, "62")
    give(tws, do="position_answers", mode="absent")
    assert accounts_of(client.ask(61, 1)) == [FIRST] * 12


def test_a_part_of_the_rows_or_of_one_accounts_rows_can_be_missing() -> None:
    """A quarter by default; the seed chooses which, and they are the same each time."""
    tws, client = two_accounts()
    whole = client.ask(61, 1)
    give(tws, do="position_answers", mode="partial", account=FIRST)
    answer = client.ask(61, 1)
    assert accounts_of(answer) == [FIRST] * 9 + [SECOND]
    assert client.ask(61, 1) == answer
    assert [f for f in whole if f in answer] == answer
    give(tws, do="position_answers", mode="partial", missing=0.75, seed=2)
    assert len(accounts_of(client.ask(61, 1))) == 3


def test_answers_are_wrong_for_a_time_or_a_number_of_answers() -> None:
    """Whichever of the two is given; all clients share the number."""
    tws, client = two_accounts()
    other = tws.client(2)
    give(tws, do="position_answers", mode="empty", seconds=5)
    assert accounts_of(client.ask(61, 1)) == []
    tws.wait(5)
    assert len(accounts_of(client.ask(61, 1))) == 13
    give(tws, do="position_answers", mode="empty", count=2)
    assert [len(accounts_of(c.ask(61, 1))) for c in (client, other, client)] == [0, 0, 13]


@pytest.mark.parametrize("mode", EMPTY_MODES)
def test_positions_by_account_are_answered_in_the_same_mode(mode: str) -> None:
    """Under the request's own id, but for 2151."""
    tws, client = two_accounts()
    give(tws, do="position_answers", mode=mode)
    frames = client.ask(74, 1, 8, FIRST, "")
    ids = {"readonly": [("4", "8")], "empty2151": [("4", "-1"), ("72", "8")],
           "2151noend": [("4", "-1")], "empty": [("72", "8")], "silent": []}  # fmt: skip
    assert [(f[0], f[2]) for f in frames] == ids[mode]
    give(tws, do="position_answers", mode="whole")
    assert [f[0] for f in client.ask(74, 1, 9, FIRST, "")] == ["71"] * 12 + ["72"]


@pytest.mark.parametrize(
    ("updates", "kinds"), [("given", None), ("not_ready", ["6", "8", "54"]), ("silent", [])]
)
def test_account_updates_can_be_not_ready_meanwhile(updates: str, kinds: list[str] | None) -> None:
    """AccountReady is false, or nothing comes; a request afterwards gets all."""
    tws, client = two_accounts()
    give(tws, do="position_answers", mode="empty", seconds=5, updates=updates)
    frames = client.ask(6, 2, 1, FIRST)
    if kinds is not None:
        assert [f[0] for f in frames] == kinds
        assert [f[2:4] for f in frames if f[0] == "6"] == [["AccountReady", "false"]] * (
            kinds.count("6")
        )
    tws.wait(6)
    assert len([f for f in client.ask(6, 2, 1, FIRST) if f[0] == "7"]) == 12


@pytest.mark.parametrize(
    "command",
    [
        {"do": "position_answers"},
        {"do": "position_answers", "mode": "slow"},
        {"do": "position_answers", "mode": "partial", "missing": 2},
        {"do": "position_answers", "mode": "absent", "account": "a b"},
        {"do": "position_answers", "mode": "empty", "seconds": 0},
        {"do": "position_answers", "mode": "empty", "updates": "late"},
        {"do": "late_accounts", "seconds": -1},
        {"do": "late_accounts", "managed": "none"},
        {"do": "late_accounts", "mode": "whole"},
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(command: dict[str, object]) -> None:
    """And nothing changes."""
    tws, client = two_accounts()
    assert give(tws, **command)["ok"] is False
    assert len(accounts_of(client.ask(61, 1))) == 13


def test_what_is_held_changes_while_answers_are_empty() -> None:
    """The truth is the world's own, and comes with the next whole answer."""
    tws, client = two_accounts()
    give(tws, do="position_answers", mode="empty", count=1)
    assert accounts_of(client.ask(61, 1)) == []
    con_id = tws.held("FUT").con_id
    give(tws, do="close", con_id=con_id)
    tws.world.accounts.set_position(SECOND, tws.spot("SPY"), Decimal(1), tws.now)
    client.read()
    rows = [(f[2], f[3]) for f in client.ask(61, 1) if f[0] == "61"]
    assert (FIRST, str(con_id)) not in rows
    assert (SECOND, "756733") in rows


def amounts(client: InMemoryClient) -> dict[str, set[str]]:
    """Ask for values of accounts; return the amounts of each account."""
    found: dict[str, set[str]] = {}
    for f in client.ask(62, 1, 9, "All", "GrossPositionValue,MaintMarginReq"):
        if f[0] == "63":
            found.setdefault(f[3], set()).add(f[5])
    client.send(63, 1, 9)
    return found


@pytest.mark.parametrize("do", ["position_answers", "late_accounts"])
def test_account_values_are_as_held_or_zero_or_absent(do: str) -> None:
    """Whatever positions are answered with, unless it is commanded; of the account it is about."""
    tws, client = two_accounts()
    give(tws, do=do, mode="absent", account=SECOND)
    client = tws.client(2)
    before = amounts(client)
    assert before.keys() == {FIRST, SECOND}
    assert "0.00" not in before[FIRST] | before[SECOND]
    give(tws, do=do, mode="absent", account=SECOND, values="zero")
    client = tws.client(3)
    assert amounts(client) == {FIRST: before[FIRST], SECOND: {"0.00"}}
    give(tws, do=do, mode="absent", account=SECOND, values="absent")
    client = tws.client(4)
    assert amounts(client) == {FIRST: before[FIRST]}


def test_gross_position_value_is_of_stocks_and_options_and_futures_need_margin() -> None:
    """An account that is sold out has neither."""
    tws = InMemoryTws(positions=20)
    client = tws.client()
    future = tws.held("FUT").con_id
    for position in [*tws.world.accounts.positions()]:
        if position.contract.con_id != future:
            give(tws, do="position", con_id=position.contract.con_id, quantity=0)
    gross, margin = (
        f[5] for f in client.ask(62, 1, 1, "All", "GrossPositionValue,MaintMarginReq")[:2]
    )
    assert (gross, float(margin) > 0) == ("0.00", True)
    give(tws, do="position", con_id=future, quantity=0)
    assert amounts(client) == {FIRST: {"0.00"}}
