"""After each landing the queue publishes its ages and its last landings, for people."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from slotwise.bus.status import AGE_BOUNDS_S, LandingLine, QueueStatus
from slotwise.rules.position_queue import PositionQueue
from tasks.queue_status import LANDINGS_KEPT, counted, queue_status
from tests.support.values import NOON, at, item


def landing(seconds: float, rows: int = 1) -> LandingLine:
    return LandingLine(at=at(seconds), rows=rows, ms=30.0)


def test_items_are_counted_by_their_age() -> None:
    queue = PositionQueue()
    queue.insert([item(1), item(2)], NOON)
    queue.insert([item(3)], at(55))
    queue.get_batch("b", at(56), 20.0, size=1)
    found = queue_status(queue, None, landing(60), 0)
    assert (found.waiting, found.leased, found.batches, found.oldest_s) == (2, 1, 1, 60)
    assert found.ages == (1, 0, 0, 2, 0, 0)


@given(st.lists(st.floats(0, 1e6)))
def test_each_age_is_counted_once(ages_s: list[float]) -> None:
    counts = counted(ages_s)
    assert len(counts) == len(AGE_BOUNDS_S) + 1
    assert sum(counts) == len(ages_s)
    for number, bound in enumerate(AGE_BOUNDS_S):
        assert sum(counts[: number + 1]) == sum(age_s <= bound for age_s in ages_s)


def test_the_last_landings_with_rows_are_remembered_and_bounded() -> None:
    newest: QueueStatus | None = None
    for beat in range(100):
        # A worker that starts anew has an empty queue, and what was said before.
        newest = queue_status(PositionQueue(), newest, landing(beat * 5, rows=beat % 2), 0)
    assert newest is not None
    assert newest.at == at(495) + timedelta(milliseconds=30), "when the landing ended"
    assert [line.at for line in newest.landings] == [at(5 * n) for n in range(61, 100, 2)]
    assert len(newest.landings) == LANDINGS_KEPT


def test_a_landing_without_rows_is_shown_but_not_remembered() -> None:
    newest = queue_status(PositionQueue(), None, landing(0, rows=0), 7)
    assert (newest.landed_rows, newest.landing_entries, newest.landings) == (0, 7, ())
