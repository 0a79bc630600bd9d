"""Quotes are accounted for by the ledger alone, and both sides take some."""

from __future__ import annotations

import json
import math
from pathlib import Path

import psutil
import pytest

from benchmarks.rotation import measure
from benchmarks.rotation_account import account, other_messages
from benchmarks.rotation_figures import Window, part_of
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


def test_other_contracts_are_not_counted() -> None:
    """What says nothing is asked for, and is no quote."""
    ledger = [event(12.0, "snapshot", 1), event(12.5, "end", 1)]
    dead = [event(13.0, "snapshot", 2, con_id=9), event(16.0, "cancel", 2, con_id=9)]
    found = account([*ledger, *dead], {1}, 10.0, 20.0)
    assert (found.rate, found.takes_s) == (0.1, 0.5)


def test_a_window_without_a_quote_is_said() -> None:
    """No rate is divided by nothing."""
    with pytest.raises(SlotwiseError, match=r"no quote ended within 10\.0 s"):
        account([event(12.0, "snapshot", 1)], {1}, 10.0, 20.0)


def test_messages_for_other_things_are_what_snapshots_leave() -> None:
    notes = [
        {"t": 11.0, "dir": "in", "kind": "frame"}, {"t": 12.0, "dir": "out", "kind": "frame"},
        {"t": 13.0, "dir": "in", "kind": "frame"}, {"t": 25.0, "dir": "in", "kind": "frame"},
    ]  # fmt: skip
    assert other_messages(map(json.dumps, notes), 0.1, 10.0, 20.0) == pytest.approx(0.1)


def test_windows_become_ratios() -> None:
    """The bound is the lesser of lines and messages."""
    one = account([event(12.0, "snapshot", 1), event(12.5, "end", 1)], {1}, 10.0, 20.0)
    window = Window(ours=one, usual=one, lines_bound=0.2, messages_bound=0.4, promised_s=10.0)
    found = {ratio.name: ratio.value.median for ratio in part_of([window], [window]).ratios}
    assert found["quotes a second"] == pytest.approx(0.5)
    assert found["quotes a second, beside the usual way"] == 1.0
    assert found["oldest quote of any contract"] == pytest.approx(0.75)


@with_effort
@pytest.mark.timeout(120)
def test_both_sides_quote_and_nothing_is_left(tmp_path: Path) -> None:
    """A window of two seconds: quotes on both sides, none rejected, no process left behind."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    windows, silent = measure(tmp_path, 4.0, [2.0], [])
    assert silent == []
    for side in (windows[0].ours, windows[0].usual):
        assert side.rate > 0
        assert side.rejected == 0
        assert side.oldest_s >= 0
    part = part_of(windows, windows)
    assert len(part.ratios) == 4
    for ratio in part.ratios:
        assert math.isfinite(ratio.value.high)
        assert ratio.value.low > 0
    for curve in part.plots[0].curves:
        assert [y for _, y in curve.points] == sorted(y for _, y in curve.points)
    after = {child.pid for child in psutil.Process().children(recursive=True)}
    assert after <= before
