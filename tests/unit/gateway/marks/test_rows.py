"""The marks of all holdings go to the lake as one entry, once an interval."""

from __future__ import annotations

import pyarrow as pa

from slotwise.rules.landing import Head, Rows
from slotwise.rules.marks.mark import Mark
from workers.gateway.marks.rows import MarkRows
from workers.gateway.marks.steady_time import SteadyTime

INTERVAL_S = 60.0


class Collector:
    """Rounds of marks, each second by default, and what was sent of them."""

    def __init__(self, interval_s: float = INTERVAL_S) -> None:
        self.sent: list[tuple[float, pa.RecordBatch]] = []
        self.heads: list[Head] = []
        self._at_s = 0.0
        self._rows = MarkRows(self._append, interval_s, SteadyTime(lambda: 0.0, lambda: 0.0))

    def _append(self, head: Head, rows: pa.RecordBatch) -> None:
        self.heads.append(head)
        self.sent.append((self._at_s, rows))

    def round(self, at_s: float, *marks: Mark) -> None:
        self._at_s = at_s
        self._rows.offer(marks, at_s)

    @property
    def times(self) -> list[float]:
        return [at_s for at_s, _ in self.sent]


def known(con_id: int, at_s: float) -> Mark:
    return Mark(con_id, at_s, 2.5, 0.1, "model", at_s - 60.0)


def test_all_holdings_of_a_moment_are_one_entry_an_interval() -> None:
    collector = Collector()
    for second in range(150):
        at_s = float(second)
        collector.round(at_s, known(1, at_s), Mark(2, at_s), known(3, at_s))
    assert collector.times == [0.0, 60.0, 120.0]
    assert set(collector.heads) == {Rows("marks")}
    for _, rows in collector.sent:
        assert rows.column("con_id").to_pylist() == [1, 2, 3]
        assert rows.column("mark").to_pylist() == [2.5, None, 2.5]
        assert len(set(rows.column("at").to_pylist())) == 1


def test_rounds_that_come_late_do_not_shift_the_pace_or_make_up_for_missed_ones() -> None:
    collector = Collector()
    for at_s in (0.0, 61.5, 119.0, 120.0, 400.0, 401.0, 419.0, 420.0):
        collector.round(at_s, known(1, at_s))
    assert collector.times == [0.0, 61.5, 120.0, 400.0, 420.0]


def test_rows_begin_with_the_first_mark_that_is_known() -> None:
    collector = Collector()
    collector.round(0.0)
    collector.round(1.0, Mark(1, 1.0))
    collector.round(2.0, Mark(1, 2.0), known(2, 2.0))
    collector.round(62.0, Mark(1, 62.0))
    assert collector.times == [2.0, 62.0]


def test_an_interval_of_zero_sends_nothing() -> None:
    collector = Collector(0.0)
    for second in range(200):
        collector.round(float(second), known(1, float(second)))
    assert collector.sent == []
