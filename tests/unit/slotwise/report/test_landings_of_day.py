"""What landed on a day, read from `position_updates` and `position_queue`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from slotwise.lake.store import Lake
from slotwise.report.day import LandingBucket, QueueDay
from slotwise.report.landings_of_day import landings_of_day, queue_of_day
from slotwise.report.span import Span
from slotwise.rules.position_queue import PositionQueue
from tests.support.day_rows import held_row, queue_row
from tests.support.landed import put
from tests.support.values import NOON, at, attempt, item

POSITIONS, QUEUE = "position_updates", "position_queue"


def test_rows_and_commits_count_when_they_landed(lake: Lake, span: Span) -> None:
    """By the commit's time, whenever they were observed."""
    put(lake, POSITIONS, [held_row(1, 1, at(0)), held_row(2, 1, at(0))], at(4))
    put(lake, POSITIONS, [held_row(1, 1, at(5), source="stream")], at(7))
    put(lake, POSITIONS, [held_row(1, 1, at(-90_000))], at(700))
    found = landings_of_day(lake, span)
    assert (found.rows, found.commits) == (4, 3)
    assert found.by_source == {"batch": 3, "stream": 1}
    assert found.buckets == (LandingBucket(NOON, 3, 2), LandingBucket(at(600), 1, 1))
    assert found.behind_worst_s == 90_700.0
    assert found.behind_median_s == pytest.approx(4.0)


def test_what_landed_on_other_days_does_not_count(lake: Lake, span: Span) -> None:
    for day in (-1, 1):
        put(lake, POSITIONS, [held_row(1, 1, at(0))], NOON + timedelta(days=day))
    assert landings_of_day(lake, span).rows == 0


def test_a_commit_without_rows_is_not_seen(lake: Lake, span: Span) -> None:
    put(lake, POSITIONS, [], at(1))
    assert landings_of_day(lake, span).commits == 0


def test_queue_items_are_counted_once_each(lake: Lake, span: Span) -> None:
    queue = PositionQueue(max_attempts=1)
    queue.insert([item(1), item(2), item(3)], NOON)
    put(lake, QUEUE, queue.take_rows(), at(1))
    queue.get_batch("b1", at(2), 20.0, size=2)
    put(lake, QUEUE, queue.take_rows(), at(3))
    queue.mark_success(["i1"], attempt("b1"))
    queue.mark_failed([("i2", "no")], attempt("b1"))
    put(lake, QUEUE, queue.take_rows(), at(5))
    assert queue_of_day(lake, span) == QueueDay(inserted=3, succeeded=1, failed=1, commits=3)


def test_an_item_of_the_day_before_that_landed_today_was_not_inserted_today(
    lake: Lake, span: Span
) -> None:
    put(lake, QUEUE, [queue_row("i1", "succeeded", at(-50_000), 2)], at(1))
    assert queue_of_day(lake, span) == QueueDay(inserted=0, succeeded=1, failed=0, commits=1)
