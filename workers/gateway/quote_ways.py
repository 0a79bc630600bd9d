"""Which way a quote is taken: by a snapshot or by a short stream, whichever is cheaper here.

* A snapshot is one message, and holds its line until TWS ends it: an option's after 11 to 12 s
  (measured on TWS, 2026-09), other ones within 0.3 s. One that is cut short is cancelled,
  which is a second message.
* A short stream is two messages, and holds its line until what is wanted is there: bid and ask, of
  an option the model's computation too, about a second.

A quote costs what its messages take of the message rate, and what its seconds take of the idle
lines; of the two what is scarce at the moment weighs three times as much. What counts is what a
*whole* quote costs: a way of which half the quotes lack something costs more.

Each kind of contract begins with what is expected, and changes over when quotes were measured to
be dearer: where TWS ends snapshots of options at once they are twice as fast, and where it does
not that is known after the first few. The dearer way is tried again after a while, where it could
be cheaper at all. Reads no clock.
"""

from __future__ import annotations

from collections import Counter, deque
from math import ceil
from typing import Literal, TypeAlias

import msgspec

from slotwise.bus.status import SettleStatus
from slotwise.quote import Quote

Way: TypeAlias = Literal["snapshot", "stream"]

#: Messages of a quote: a stream is cancelled too.
MESSAGES: dict[Way, int] = {"snapshot": 1, "stream": 2}
#: Kinds whose quote has computations.
OPTIONS = frozenset(("OPT", "FOP"))
#: Kinds without bid and ask: their quote is the last price.
WITHOUT_SIDES = frozenset(("IND",))
#: Seconds that a quote takes until one was measured, by whether it is an option's.
EXPECTED_S: dict[tuple[bool, Way], float] = {
    (True, "snapshot"): 0.25,
    (True, "stream"): 1.0,
    (False, "snapshot"): 0.25,
    # As both sides of an option's stream: it waits for no model.
    (False, "stream"): 0.14,
}
#: Least time of a quote, seconds: both sides of a stream (measured on TWS, 2026-09).
BEST_S = 0.14
#: Weight of what is scarce, of one.
SCARCE = 0.75
#: Share of quotes that may lack something before their way counts as dearer: what has no bid gives
#: no whole quote either way. And the least share of whole quotes that costs are computed with.
MAY_LACK, LEAST_WHOLE = 0.2, 0.05
#: Weight of the newest quote in the means of a way, and in its share of whole quotes.
SMOOTHING, SMOOTHING_WHOLE = 0.1, 0.02
#: A way that was never tried is tried after this, seconds.
TRY_FIRST_S = 10.0
#: The dearer way of a kind is tried again after this, seconds: TWS and the hour of the day change.
TRY_AGAIN_S = 300.0
#: Quotes that statistics are of, for each kind and way.
REMEMBERED = 200


def is_whole(kind: str, quote: Quote) -> bool:
    """Return True for a quote with both sides, and of an option with the model's computation.

    Of an index the last price is all there is.
    """
    if kind in WITHOUT_SIDES:
        return quote.last is not None
    sides = quote.bid is not None and quote.ask is not None
    return sides and (kind not in OPTIONS or quote.delta is not None)


class _Record:
    """What was measured of one way of one kind."""

    def __init__(self, kind: str, way: Way, now: float) -> None:
        self.way = way
        self.seconds = EXPECTED_S[kind in OPTIONS, way]
        self.messages: float = MESSAGES[way]
        self.complete = 1.0
        self.count = 0
        #: When it is tried even if it is dearer.
        self.try_at = now + TRY_FIRST_S
        self.times: deque[float] = deque(maxlen=REMEMBERED)
        self.last: Counter[str] = Counter()

    def could_cost(self, per_message: float, per_second: float) -> float:
        """Return what a quote costs this way at best."""
        return MESSAGES[self.way] * per_message + BEST_S * per_second

    def cost(self, per_message: float, per_second: float) -> tuple[float, float]:
        """Return what a whole quote costs; of equal ones the shorter wins."""
        whole = min(max(self.complete + MAY_LACK, LEAST_WHOLE), 1.0)
        cost = self.messages * per_message + self.seconds * per_second
        return cost / whole, self.seconds


class QuoteWays:
    """Choice of ways to quote, with the results of each."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, Way], _Record] = {}

    def choose(
        self, kind: str, idle: int, messages_per_s: float, now: float, *, lines_scarce: bool
    ) -> Way:
        """Return the way for a quote that is about to be taken."""
        per_message = (1.0 - SCARCE if lines_scarce else SCARCE) / max(messages_per_s, 1.0)
        per_second = (SCARCE if lines_scarce else 1.0 - SCARCE) / max(idle, 1)
        cheaper, dearer = sorted(
            (self._record(kind, way, now) for way in MESSAGES),
            key=lambda record: record.cost(per_message, per_second),
        )
        cost, _ = cheaper.cost(per_message, per_second)
        try_it = now >= dearer.try_at and dearer.could_cost(per_message, per_second) < cost
        chosen = dearer if try_it else cheaper
        chosen.try_at = now + TRY_AGAIN_S
        return chosen.way

    def took(
        self,
        kind: str,
        way: Way,
        seconds: float,
        quote: Quote,
        now: float,
        *,
        cut: bool,
        last: str = "",
    ) -> int:
        """Take note of a quote, and whether it was cut short; return the messages it took."""
        record = self._record(kind, way, now)
        messages = 2 if cut else MESSAGES[way]
        record.count += 1
        weight = max(SMOOTHING, 1.0 / record.count)
        record.seconds += weight * (seconds - record.seconds)
        record.messages += weight * (messages - record.messages)
        weight = max(SMOOTHING_WHOLE, 1.0 / record.count)
        record.complete += weight * (is_whole(kind, quote) - record.complete)
        record.times.append(seconds)
        if last:
            record.last[last] += 1
        return messages

    def status(self) -> tuple[SettleStatus, ...]:
        """Return how long quotes took, by kind and way."""
        found = []
        for (kind, way), record in sorted(self._records.items()):
            if record.times:
                times = sorted(record.times)
                last = record.last.most_common(1)
                found.append(
                    SettleStatus(
                        kind=kind,
                        way=way,
                        quotes=record.count,
                        median_s=round(times[len(times) // 2], 3),
                        p95_s=round(times[ceil(0.95 * len(times)) - 1], 3),
                        complete=round(record.complete, 3),
                        last=last[0][0] if last else "",
                    )
                )
        return tuple(found)

    def _record(self, kind: str, way: Way, now: float) -> _Record:
        record = self._records.get((kind, way))
        if record is None:
            record = self._records[kind, way] = _Record(kind, way, now)
        return record


class Settled(msgspec.Struct):
    """Filled in by the broker: the field that came last of those that a short stream waits for."""

    last: str = ""
