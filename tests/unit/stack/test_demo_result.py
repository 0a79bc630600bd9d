"""A demo names each promise that was broken, and none that was kept."""

from __future__ import annotations

from typing import Any

import pytest

from workers.stack.demo_result import broken_promises
from workers.stack.ledger import LineCount

KEPT: dict[str, Any] = {
    "begun": True,
    "active": 20,
    "reserve": 2,
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
    assert broken_promises(count=full, **KEPT | {"active": active, "reserve": 0}) == []


@pytest.mark.parametrize("held", [98, 100])
def test_strategies_that_want_every_line_leave_some_to_quotes_while_there_are_any(
    held: int,
) -> None:
    """As where a user has made more strategies than the demo's."""
    assert broken_promises(count=count(held=held, peak=100), **KEPT | {"active": 120}) == []


def test_a_run_that_ended_before_it_began_breaks_no_promise_of_what_it_never_began() -> None:
    """Strategies, queue and reconciliation: nothing is known of them yet."""
    early = count(held=9, peak=10, overlong=1, surplus=1)
    figures = {"unlanded": 3, "pending": 4, "breaks": None, "flower_answers": False}
    [text] = broken_promises(count=early, **KEPT | {"begun": False, "active": 0} | figures)
    assert "before the first positions came" in text


def test_a_run_that_ended_before_it_began_names_what_is_wrong_at_any_time() -> None:
    early = broken_promises(count=count(rejected=2), **KEPT | {"begun": False})
    assert len(early) == 2
    assert early[1] == "TWS rejected 2 requests for want of a line"


BROKEN: dict[str, tuple[LineCount, dict[str, Any], str]] = {
    "a run without a portfolio": (count(), {"begun": False}, "before the first positions came"),
    "a rejected request": (count(rejected=1), {}, "TWS rejected 1 request for want of a line"),
    "a line too many": (count(surplus=1), {}, "1 line streamed beyond one for each active"),
    "a line too many at the end": (count(held=21), {}, "21 lines held at the end, 20 wanted"),
    "a quote in turn that does not end": (count(overlong=1), {}, "1 quote in turn streamed for"),
    "a quote too many": (count(used_peak=101), {}, "101 lines were used at once"),
    "a line missing": (count(held=19), {}, "19 lines held at the end, 20 wanted"),
    "a ledger that contradicts": (count(contradictions=1), {}, "contradicts"),
    "a doubled row": (count(), {"wrong_items": 2}, "2 succeeded queue items"),
    "an item that never ended": (count(), {"pending": 4}, "4 queue items still under way"),
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
    assert len(broken_promises(count=count(rejected=1, surplus=9), **KEPT | {"breaks": None})) == 3
