"""Quotes are accounted for by the ledger alone."""

from __future__ import annotations

import json

import pytest

from workers.bench.activation import part_of as activation_of
from workers.bench.rotation import Window, part_of
from workers.bench.rotation_account import account, other_messages
from workers.simulator.desks.ledger import EventKind, LedgerEvent


def event(t: float, kind: EventKind, req_id: int, con_id: int = 1) -> LedgerEvent:
    return LedgerEvent(
        t=t, client_id=1, event=kind, req_id=req_id, con_id=con_id, held=1, limit=9, run="r"
    )


def test_rate_duration_and_ages_are_those_of_the_window() -> None:
    ledger = [
        event(0.0, "snapshot", 1), event(0.5, "end", 1),
        event(12.0, "snapshot", 2), event(12.2, "end", 2),
        event(14.0, "snapshot", 3, con_id=2), event(14.4, "cancel", 3, con_id=2),
        event(15.0, "reject", 4), event(99.0, "snapshot", 5),
    ]  # fmt: skip
    found = account(ledger, {1, 2}, 10.0, 20.0)
    assert (found.rate, found.rejected) == (0.2, 1)
    assert found.takes_s == pytest.approx(0.3)
    assert found.ages_s[1] == pytest.approx([11.7, 7.8])
    assert found.ages_s[2] == pytest.approx([5.6])


def test_messages_for_other_things_are_what_snapshots_leave() -> None:
    notes = [
        {"t": 11.0, "dir": "in", "kind": "frame"}, {"t": 12.0, "dir": "out", "kind": "frame"},
        {"t": 13.0, "dir": "in", "kind": "frame"}, {"t": 25.0, "dir": "in", "kind": "frame"},
    ]  # fmt: skip
    assert other_messages(map(json.dumps, notes), 0.1, 10.0, 20.0) == pytest.approx(0.1)


def test_windows_become_ratios() -> None:
    one = account([event(12.0, "snapshot", 1), event(12.5, "end", 1)], {1}, 10.0, 20.0)
    window = Window(ours=one, usual=one, bound=0.2, promised_s=10.0)
    found = {ratio.name: ratio.value.median for ratio in part_of([window], [window]).ratios}
    assert found["quotes a second"] == pytest.approx(0.5)
    assert found["quotes a second, beside the usual way"] == 1.0
    assert found["oldest quote of any contract"] == pytest.approx(0.75)


def test_activations_are_compared_by_their_medians() -> None:
    took = {"rotation": [0.04] * 9, "idle": [0.02] * 9, "bare": [0.001] * 9}
    found = {ratio.name: ratio.value.median for ratio in activation_of(took).ratios}
    assert found["median, every line in use"] == pytest.approx(2.0)
    assert found["median, beside bare"] == pytest.approx(40.0)
