"""Quotes are accounted for by the ledger alone, and both sides take some."""

from __future__ import annotations

import json
import math
from pathlib import Path

import psutil
import pytest

from benchmarks.rotation import measure
from benchmarks.rotation_account import Took, account, other_messages
from benchmarks.rotation_bound import Times, bound, shares_of, times_of
from benchmarks.rotation_figures import Found, Setting, Window, part_of
from slotwise.errors import SlotwiseError
from tests.support.effort import with_effort
from tws_simulator.services.market_data.ledger import EventKind, LedgerEvent


def event(t: float, kind: EventKind, req_id: int, con_id: int = 1) -> LedgerEvent:
    return LedgerEvent(
        t=t, client_id=1, event=kind, req_id=req_id, con_id=con_id, held=1, limit=9, run="r"
    )


def test_rate_duration_and_ages_are_those_of_the_window() -> None:
    """An age counts when its quote is replaced; the oldest may be one that is not yet."""
    ledger = [
        event(0.0, "snapshot", 1), event(0.5, "end", 1),
        event(12.0, "snapshot", 2), event(12.2, "end", 2),
        event(14.0, "snapshot", 3, con_id=2), event(14.4, "cancel", 3, con_id=2),
        event(15.0, "reject", 4), event(99.0, "snapshot", 5),
    ]  # fmt: skip
    found = account(ledger, {1, 2}, 10.0, 20.0)
    assert (found.rate, found.rejected) == (0.2, 1)
    assert found.takes_s == pytest.approx(0.3)
    assert found.ages_s == pytest.approx([11.7, 14.4])
    assert found.oldest_s == pytest.approx(14.4)
    assert account(ledger, {1}, 10.0, 40.0).oldest_s == pytest.approx(27.8)


def test_who_is_never_quoted_is_as_old_as_the_ledger() -> None:
    """It must not drop out of the oldest."""
    ledger = [event(2.0, "snapshot", 1), event(19.0, "end", 1)]
    assert account(ledger, {1, 2}, 10.0, 20.0).oldest_s == pytest.approx(18.0)


def test_contracts_with_a_line_are_not_counted_and_those_not_held_are() -> None:
    """What says nothing is asked for, and is no quote; an underlying's quote is one."""
    ledger = [event(12.0, "snapshot", 1), event(12.5, "end", 1)]
    dead = [event(13.0, "snapshot", 2, con_id=9), event(16.0, "cancel", 2, con_id=9)]
    other = [event(17.0, "open", 3, con_id=5), event(17.7, "cancel", 3, con_id=5)]
    found = account([*ledger, *dead, *other], {1}, 10.0, 20.0, but={9})
    assert (found.rate, found.takes_s) == pytest.approx((0.2, 0.6))
    assert [one.way for one in found.took] == ["snapshot", "stream"]


def test_a_stream_and_a_snapshot_that_is_cut_short_are_two_messages() -> None:
    ledger = [
        event(11.0, "snapshot", 1), event(11.2, "end", 1),
        event(12.0, "snapshot", 2), event(15.0, "cancel", 2),
        event(16.0, "open", 3), event(16.5, "cancel", 3),
    ]  # fmt: skip
    assert account(ledger, {1}, 10.0, 20.0).messages == pytest.approx(0.5)


def test_a_window_without_a_quote_is_reported() -> None:
    """No rate is divided by nothing."""
    with pytest.raises(SlotwiseError, match=r"no quote ended within 10\.0 s"):
        account([event(12.0, "snapshot", 1)], {1}, 10.0, 20.0)


def test_messages_for_other_things_are_what_snapshots_leave() -> None:
    notes = [
        {"t": 11.0, "dir": "in", "kind": "frame"}, {"t": 12.0, "dir": "out", "kind": "frame"},
        {"t": 13.0, "dir": "in", "kind": "frame"}, {"t": 25.0, "dir": "in", "kind": "frame"},
    ]  # fmt: skip
    assert other_messages(map(json.dumps, notes), 0.1, 10.0, 20.0) == pytest.approx(0.1)


BOTH: Times = {("OPT", "stream"): 0.5, ("STK", "stream"): 0.125, ("STK", "snapshot"): 0.25}


def test_the_bound_is_what_is_scarce() -> None:
    """On many lines messages, on few lines their time; two kinds by their shares."""
    times: Times = {key: seconds for key, seconds in BOTH.items() if key[1] == "stream"}
    assert bound({"OPT": 1.0}, times, 1_000, 43) == pytest.approx(21.5)
    assert bound({"OPT": 1.0}, times, 1, 43) == pytest.approx(2.0)
    assert bound({"OPT": 0.5, "STK": 0.5}, times, 1, 1_000) == pytest.approx(1 / 0.3125)


def test_the_bound_mixes_ways() -> None:
    """Half a line and six messages a second: neither way alone uses up both."""
    stocks: Times = {key: seconds for key, seconds in BOTH.items() if key[0] == "STK"}
    by_snapshots, by_streams = min(0.5 / 0.25, 6.0), min(0.5 / 0.125, 6.0 / 2)
    # x snapshots and y streams: x / 4 + y / 8 = 1 / 2, x + 2 y = 6.
    assert bound({"STK": 1.0}, stocks, 0.5, 6.0) == pytest.approx(2 / 3 + 8 / 3, rel=0.01)
    assert bound({"STK": 1.0}, stocks, 0.5, 6.0) > max(by_snapshots, by_streams)


def test_what_was_measured_of_a_way_comes_before_what_is_known_of_it() -> None:
    took = [Took(1, "stream", 0.5), Took(1, "stream", 0.7), Took(2, "snapshot", 0.2)]
    kinds = {1: "OPT", 2: "STK"}
    assert shares_of(took, kinds) == pytest.approx({"OPT": 2 / 3, "STK": 1 / 3})
    found = times_of(took, kinds, {("STK", "stream"): 0.1, ("STK", "snapshot"): 9.0})
    assert found == pytest.approx(
        {("OPT", "stream"): 0.6, ("STK", "snapshot"): 0.2, ("STK", "stream"): 0.1}
    )


def test_windows_become_ratios() -> None:
    one = account([event(12.0, "snapshot", 1), event(12.5, "end", 1)], {1}, 10.0, 20.0)
    window = Window(ours=one, bound=0.2, promised_s=10.0)
    part = part_of(Found({Setting("quick", 9): [window]}, one, [window], one))
    found = {ratio.name: ratio.value.median for ratio in part.ratios}
    assert found["quotes a second, quick, 9 lines"] == pytest.approx(0.5)
    assert found["quotes a second, quick, 9 lines, beside the usual way"] == 1.0
    assert found["oldest quote of any contract, quick, 9 lines"] == pytest.approx(0.75)


@with_effort
@pytest.mark.timeout(120)
def test_both_sides_quote_and_nothing_is_left(tmp_path: Path) -> None:
    """A window longer than a batch takes: quotes on all sides, none rejected, no process left."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    settings = [Setting("measured", 60), Setting("quick", 100)]
    found = measure(tmp_path, settings, 15.0, [13.0], [])
    assert found.silent == []
    for side in (*(windows[0].ours for windows in found.ours.values()), found.usual):
        assert side.rate > 0
        assert side.rejected == 0
        assert side.oldest_s >= 0
    part = part_of(found)
    assert len(part.ratios) == 5
    for ratio in part.ratios:
        assert math.isfinite(ratio.value.high)
        assert ratio.value.low > 0
    for curve in part.plots[0].curves:
        assert [y for _, y in curve.points] == sorted(y for _, y in curve.points)
    after = {child.pid for child in psutil.Process().children(recursive=True)}
    assert after <= before
