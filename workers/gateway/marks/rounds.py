"""One round of marks after another: what was seen since the last goes in, marks come out.

Works in a thread beside the event loop: one round at a time, and nothing of it is used elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from slotwise.quote import Quote
from slotwise.rules.marks.book import MarkBook
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.observation import observed
from workers.gateway.marks.steady_time import SteadyTime


class Seen(msgspec.Struct, frozen=True):
    """What came since the last round.

    `quotes` has the newest of each contract and when it came, `lines` the contracts whose line
    ticks. `instruments` are those to mark from now on, None while they are as before. `recalled`
    are quotes of before the start.
    """

    quotes: Mapping[int, tuple[Quote, float]]
    lines: Collection[int]
    instruments: Sequence[Instrument] | None = None
    recalled: Mapping[int, Quote] = {}


class MarkRounds:
    """The book of marks, and the quotes that contracts begin with."""

    def __init__(self, time: SteadyTime, newest: Callable[[int], Quote | None]) -> None:
        self._time = time
        self._newest = newest
        self._book = MarkBook()
        self._at_s = time.now()
        #: Contracts that are marked, and those that these follow.
        self._wanted: set[int] = set()
        #: Quotes of before the start, for contracts whose details come later.
        self._recalled: Mapping[int, Quote] = {}

    def round(self, seen: Seen) -> tuple[float, list[Mark]]:
        """Return the marks of now, and when that is."""
        book, lines = self._book, seen.lines
        if seen.instruments is not None:
            book.want(seen.instruments)
            under = {one.underlying for one in seen.instruments}
            self._wanted = {one.con_id for one in seen.instruments}.union(filter(None, under))
        self._recalled = seen.recalled or self._recalled
        if seen.recalled or seen.instruments is not None:
            self._begin()
        for con_id, (quote, came_at_s) in seen.quotes.items():
            ticks = quote.source == "stream" and con_id in lines
            book.observe(observed(quote, "stream" if ticks else "quote", came_at_s))
        book.keep_streams(lines)
        # A steady clock may stand still, and never goes back.
        self._at_s = max(self._at_s, self._time.now())
        return self._at_s, book.marks(self._at_s)

    def _begin(self) -> None:
        """Begin what has no quote yet with the last there is, of whatever age."""
        book = self._book
        for con_id in self._wanted:
            if not (book.lacks_quote(con_id) or book.lacks_spot(con_id)):
                continue
            quote = self._newest(con_id) or self._recalled.get(con_id)
            if quote is not None:
                came_at_s = min(self._time.of(quote.observed_at), self._at_s)
                book.observe(observed(quote, "lake", came_at_s))
