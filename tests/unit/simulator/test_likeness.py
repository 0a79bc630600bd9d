"""A probe's file, read: what it says is followed, what it does not know is left."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_simulator_commands import give
from tws_simulator.config import SimulatorConfig
from tws_simulator.errors import UsageError
from tws_simulator.instruments.contract import Contract
from tws_simulator.likeness.likeness import likeness_of
from tws_simulator.likeness.probe_file import read_facts
from tws_simulator.services.market_data.settle import Settle, Spread


def probe_file(folder: Path, *facts: tuple[str, Any], **changes: Any) -> Path:
    """Write a probe's file of these facts; a value of None is one that was not found out."""
    content: dict[str, Any] = {
        "format": 1,
        "began": "2026-11-02T14:30:00+00:00",
        "facts": [{"name": name, "text": "words", "value": value} for name, value in facts],
    }
    path = folder / "probe.json"
    path.write_text(json.dumps(content | changes))
    return path


def test_what_a_probe_found_takes_the_place_of_options(tmp_path: Path) -> None:
    path = probe_file(
        tmp_path, ("server_version", 176), ("lines_usable", 91), ("positions", 33),
        ("lines_with_account_updates", 88), ("lines_with_20_profits", 71),
        ("lines_with_50_profits", 41), ("lines_with_120_profits", None),
        ("stream_OPT_bid_ask", {"median_s": 0.2, "p95_s": 0.6}),
    )  # fmt: skip
    made = likeness_of(read_facts(path)).applied_to(SimulatorConfig(seed=5))
    assert (made.server_version, made.lines, made.positions, made.seed) == (176, 91, 33, 5)
    assert (made.account_updates_cost, made.profit_cost) == (3, 1.0)
    assert made.times == {"stream_OPT_bid_ask": Spread(0.2, 0.6)}


def test_what_a_probe_did_not_find_out_stays_as_the_options_say(tmp_path: Path) -> None:
    path = probe_file(tmp_path, ("lines_usable", None), ("positions", None))
    made = likeness_of(read_facts(path)).applied_to(SimulatorConfig(lines=40, positions=7))
    assert (made.lines, made.positions, made.account_updates_cost, made.profit_cost) == (
        40,
        7,
        0,
        0,
    )
    assert made.commands == ()


@pytest.mark.parametrize(("version", "spoken"), [(225, 200), (120, 157), (178, 178)])
def test_a_version_is_kept_within_what_can_be_spoken(version: int, spoken: int) -> None:
    assert likeness_of({"server_version": version}).server_version == spoken


NO_SHARES = {"do": "deny_data", "sec_type": "STK", "code": 354, "exchange": "LSE"}
NO_OPTIONS = {"do": "deny_data", "sec_type": "OPT", "code": 10089}
READ_ONLY = {"do": "position_answers", "mode": "readonly"}


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        ({"data_STK_LSE": "none"}, NO_SHARES),
        ({"data_OPT_?": "delayed"}, NO_OPTIONS),
        ({"data_OPT_SMART": "competing"}, {"do": "competing", "on": 1}),
        ({"positions": "not available: 321 read-only"}, READ_ONLY),
        ({"login": "not known: TWS is not logged in"}, {"do": "late_accounts", "managed": "empty"}),
    ],
)
def test_what_tws_refused_is_refused(facts: dict[str, Any], command: dict[str, Any]) -> None:
    """And each command is one that the simulator takes."""
    made = likeness_of(facts)
    assert made.commands == (command,)
    assert give(InMemoryTws(), **command)["ok"]


def facts_text(name: str, value: object) -> str:
    return json.dumps({"format": 1, "facts": [{"name": name, "value": value}]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is no JSON"),
        ("[]", "it has no facts"),
        ('{"format": 2, "facts": []}', "its format is 2, 1 can be read"),
        ('{"format": 1, "facts": [{}]}', "a fact has no name"),
        (facts_text("lines_usable", "x"), "a whole number"),
        (facts_text("positions", -1), "a whole number"),
        (facts_text("stream_OPT_bid_ask", 3), "median_s and p95_s"),
        (facts_text("snapshot_X_end", {"median_s": 2, "p95_s": 1}), "not between 0 and its 95 %"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_one_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "probe.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=message) as refused:
        likeness_of(read_facts(path))
    assert len(str(refused.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it cannot be read: No such file"):
        read_facts(tmp_path / "absent.json")


SHARE = Contract(
    con_id=2,
    symbol="SPY",
    sec_type="STK",
    local_symbol="SPY",
    trading_class="SPY",
    exchange="SMART",
)  # fmt: skip
OPTION = replace(SHARE, con_id=1, sec_type="OPT", right="P")


@settings(max_examples=examples(50), deadline=None)
@given(
    median_s=st.floats(0.01, 5), ratio=st.floats(1, 8), end_s=st.floats(0.01, 15),
    seed=st.integers(0, 2**30),
)  # fmt: skip
def test_times_have_the_median_and_the_95_percent_that_were_probed(
    median_s: float, ratio: float, end_s: float, seed: int
) -> None:
    """Within what 2,000 draws show; a snapshot never ends before its prices."""
    both = Spread(median_s, median_s * ratio)
    times = {"stream_OPT_bid_ask": both, "snapshot_OPT_bid_ask": both}
    times["snapshot_OPT_end"] = Spread(end_s, end_s * 1.1)
    made = Settle(Random(seed), "measured", times)
    drawn = sorted(made.first_ticks_s(OPTION) for _ in range(2000))
    assert 0.75 < median(drawn) / both.median_s < 1.33
    assert 0.6 < drawn[1900] / both.p95_s < 1.5
    for _ in range(100):
        snapshot = made.snapshot(OPTION)
        assert 0 <= snapshot.ticks_s <= snapshot.model_s <= snapshot.ends_s <= snapshot.limit_s


def test_times_of_other_kinds_stay_as_they_were() -> None:
    times = {"stream_OPT_bid_ask": Spread(3.0, 4.0), "snapshot_OPT_end": Spread(3.0, 4.0)}
    plain, like = Settle(Random(1), "measured"), Settle(Random(1), "measured", times)
    assert [plain.first_ticks_s(SHARE) for _ in range(9)] == [
        like.first_ticks_s(SHARE) for _ in range(9)
    ]


@pytest.mark.parametrize(("updates", "profit", "left"), [(0, 0.0, 10), (3, 0.0, 7), (2, 0.5, 7)])
def test_subscriptions_cost_lines_while_they_last(updates: int, profit: float, left: int) -> None:
    """Account updates once, profits each; what is left is the limit, and comes back."""
    tws = InMemoryTws(lines=10, account_updates_cost=updates, profit_cost=profit)
    client = tws.client()
    held = list(tws.world.accounts.positions())
    client.send(6, 2, 1, "")
    for req_id, position in enumerate(held[:2], 50):
        client.send(94, req_id, position.account, "", position.contract.con_id)
    assert tws.world.lines.limit == left
    client.send(6, 2, 0, "")
    for req_id in (50, 51):
        client.send(95, req_id)
    assert tws.world.lines.limit == 10
