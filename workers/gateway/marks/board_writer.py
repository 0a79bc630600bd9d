"""When marks go to the board: as often as their bytes allow, and only when they say something new.

Redis keeps every write on disk: 10,000 marks a second would be some 20 GB a day. So the board gets
`BYTES_PER_S` at most, whatever is held: every second up to some 800 holdings, of 10,000 every 12 s.
Messages to subscribers would not be kept on disk, but a command that begins later has missed them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from slotwise.bus.marks import encoded
from slotwise.rules.marks.mark import Mark
from workers.gateway.marks.steady_time import SteadyTime

#: Bytes of marks written to Redis in a second, on average: 1.7 GB a day at most.
BYTES_PER_S = 20_000.0
#: What a mark must move by to be news, as a share of its band: less makes no difference to readers.
NEWS = 0.05
#: Marks that say nothing new are written again after this, seconds: their bands and ages grow, and
#: the board drops them after three minutes.
AGAIN_S = 60.0


class MarkBoardWriter:
    """Decide on each round of marks whether it is written, and encode it."""

    def __init__(self, time: SteadyTime) -> None:
        self._time = time
        self._written: Mapping[int, Mark] = {}
        self._written_at_s = -inf
        self._may_write_at_s = -inf
        #: Set from the event loop.
        self._again = False

    def next(self, marks: Sequence[Mark], at_s: float) -> bytes | None:
        """Return what is to be written now; None for nothing."""
        if at_s < self._may_write_at_s or not (marks or self._written):
            # At the start nothing is known to be held yet: the marks of the gateway before stay.
            return None
        rests = at_s - self._written_at_s < AGAIN_S and not self._again
        if rests and not self._is_news(marks):
            return None
        self._again = False
        data = encoded(marks, self._time.moment(at_s))
        self._written = {mark.con_id: mark for mark in marks}
        self._written_at_s = at_s
        self._may_write_at_s = at_s + len(data) / BYTES_PER_S
        return data

    def repeat(self) -> None:
        """Write the next round in any case: the board was emptied."""
        self._again = True

    def _is_news(self, marks: Sequence[Mark]) -> bool:
        written = self._written
        if len(marks) != len(written):
            return True
        return any(_is_news(mark, written.get(mark.con_id)) for mark in marks)


def _is_news(mark: Mark, written: Mark | None) -> bool:
    if written is None or mark.source != written.source:
        return True
    if mark.value is None or written.value is None:
        return mark.value is not written.value
    if mark.band is None or written.band is None:
        return mark.band is not written.band
    band = written.band
    return abs(mark.value - written.value) > NEWS * band or abs(mark.band - band) > NEWS * band
