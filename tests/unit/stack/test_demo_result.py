"""A demo names each promise that was broken, and none that was kept."""

from __future__ import annotations

from typing import Any

import pytest

from workers.stack.demo_result import broken_promises
from workers.stack.ledger import LineCount

KEPT: dict[str, Any] = {
    "begun": True,
    "active": 20,
    "wrong_items": 0,
    "unlanded": 0,
    "pending": 0,
    "breaks": 0,
    "flower_answers": True,
}


def count(**changes: int) -> LineCount:
    values = {"limit": 100, "held": 20, "peak": 20, "used_peak": 100, "quotes": 900}
    more = {"requests": 930, "cancels": 9, "rejected": 0, "contradictions": 0}
    return LineCount(**{**values, **more, **changes})


def test_a_run_that_kept_its_promises_names_none() -> None:
    assert broken_promises(count=count(), **KEPT) == []


@pytest.mark.parametrize("active", [100, 150])
def test_a_full_account_has_no_line_left_for_quotes(active: int) -> None:
    full = count(held=100, peak=100)
    assert broken_promises(count=full, **KEPT | {"active": active}) == []


BROKEN: dict[str, tuple[LineCount, dict[str, Any], str]] = {
    "a run without a portfolio": (count(), {"begun": False}, "before the first positions came"),
    "a rejected request": (count(rejected=1), {}, "TWS rejected 1 requests for want of a line"),
    "a line too many": (count(peak=21), {}, "21 lines streamed at once, 20 allowed"),
    "a quote in turn that does not end": (count(overlong=1), {}, "1 quotes in turn streamed for"),
    "a quote too many": (count(used_peak=101), {}, "101 lines were used at once"),
    "a line missing": (count(held=19), {}, "19 lines held at the end, 20 wanted"),
    "a ledger that contradicts": (count(contradictions=1), {}, "contradicts"),
    "a doubled row": (count(), {"wrong_items": 2}, "2 succeeded queue items"),
    "an item that never ended": (count(), {"pending": 4}, "4 queue items are still under way"),
    "a contract without a row": (count(), {"unlanded": 3}, "3 non-essential contracts"),
    "nothing reconciled": (count(), {"breaks": None}, "no reconciliation"),
    "a break": (count(), {"breaks": 4}, "4 breaks"),
    "a silent Flower": (count(), {"flower_answers": False}, "Flower"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_promise_is_named_and_only_it(case: str) -> None:
    lines, changes, words = BROKEN[case]
    [text] = broken_promises(count=lines, **KEPT | changes)
    assert words in text


def test_every_broken_promise_is_named() -> None:
    assert len(broken_promises(count=count(rejected=1, peak=99), **KEPT | {"breaks": None})) == 3
