"""Rows of table `marks`: the marks of all holdings at once, one entry an interval.

One entry lands whole, so that one commit has a whole moment. It begins with the first mark that is
known: until then each row would say that nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence

from slotwise.lake.misfits import MisfitLog
from slotwise.lake.schemas import MARKS
from slotwise.position_writer import Append
from slotwise.rules.landing import Rows
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.row import mark_row
from workers.gateway.marks.steady_time import SteadyTime


class MarkRows:
    """Send the marks of a moment to the lake, once an interval."""

    def __init__(self, append: Append, interval_s: float, time: SteadyTime) -> None:
        self._append = append
        self._interval_s = interval_s
        self._time = time
        self._misfits = MisfitLog(MARKS.name)
        self._due_at_s: float | None = None

    def offer(self, marks: Sequence[Mark], at_s: float) -> None:
        """Take the marks of a round and send them where it is time; an interval of 0 sends none."""
        if not self._interval_s or not self._is_due(marks, at_s):
            return
        at = self._time.moment(at_s)
        batch = self._misfits.batch([mark_row(one, at) for one in marks], MARKS.sent, ("con_id",))
        if batch is not None:
            self._append(Rows(MARKS.name), batch)

    def _is_due(self, marks: Sequence[Mark], at_s: float) -> bool:
        if self._due_at_s is None:
            if all(mark.value is None for mark in marks):
                return False
            self._due_at_s = at_s
        if at_s < self._due_at_s:
            return False
        # The next one keeps the pace, however late this round was; missed ones are not made up.
        late = (at_s - self._due_at_s) // self._interval_s
        self._due_at_s += (late + 1) * self._interval_s
        return True
