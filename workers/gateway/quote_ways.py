"""Which way a quote is taken: by a snapshot or by a short stream, whichever is cheaper here.

* A snapshot is one message, and holds its line until TWS ends it: an option's after 11 to 12 s
  (measured on TWS, 2026-09), other ones within 0.3 s. One that is cut short is cancelled,
  which is a second message.
* A short stream is two messages, and holds its line until what is wanted is there: bid and ask, of
  an option the model's computation too, about a second.

A quote costs the larger of what its messages take of the message rate, and what its seconds take
of the idle lines. Each kind of contract begins with snapshots, and changes over when those were
measured to be dearer than a short stream is expected to be: where TWS ends snapshots of options at
once they are twice as fast, and where it does not that is known after the first few. The dearer way
is tried again after a while. Reads no clock.
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
#: Seconds that a quote takes until one was measured, by whether it is an option's.
EXPECTED_S: dict[tuple[bool, Way], float] = {
    (True, "snapshot"): 0.25,
    (True, "stream"): 1.0,
    (False, "snapshot"): 0.25,
    # Nobody has measured those of others: no better than an option's.
    (False, "stream"): 1.0,
}
#: Weight of the newest quote in the means of a way.
SMOOTHING = 0.1
#: The dearer way of a kind is tried again after this, seconds: TWS and the hour of the day change.
TRY_AGAIN_S = 300.0
#: Quotes that statistics are of, for each kind and way.
REMEMBERED = 200


def is_whole(kind: str, quote: Quote) -> bool:
    """Return True for a quote with both sides, and of an option with the model's computation."""
    sides = quote.bid is not None and quote.ask is not None
    return sides and (kind not in OPTIONS or quote.delta is not None)


class _Record:
    """What was measured of one way of one kind."""

    def __init__(self, seconds: float, messages: float) -> None:
        self.seconds = seconds
        self.messages = messages
        self.complete = 1.0
        self.count = 0
        self.tried_at: float | None = None
        self.times: deque[float] = deque(maxlen=REMEMBERED)
        self.last: Counter[str] = Counter()


class QuoteWays:
    """Choose ways, and remember how they did."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, Way], _Record] = {}

    def choose(self, kind: str, idle: int, messages_per_s: float, now: float) -> Way:
        """Return the way for a quote that is about to be taken."""
        ways: tuple[Way, Way] = ("snapshot", "stream")
        costs = {way: self._cost(kind, way, idle, messages_per_s) for way in ways}
        cheaper, dearer = sorted(ways, key=lambda way: costs[way])
        tried_at = self._record(kind, dearer).tried_at
        if tried_at is not None and now - tried_at >= TRY_AGAIN_S:
            cheaper = dearer
        self._record(kind, cheaper).tried_at = now
        return cheaper

    def took(
        self, kind: str, way: Way, seconds: float, quote: Quote, *, cut: bool, last: str = ""
    ) -> int:
        """Take note of a quote, and whether it was cut short; return the messages it took."""
        record = self._record(kind, way)
        messages = 2 if cut else MESSAGES[way]
        weight = max(SMOOTHING, 1.0 / (record.count + 1))
        record.count += 1
        record.seconds += weight * (seconds - record.seconds)
        record.messages += weight * (messages - record.messages)
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

    def _cost(self, kind: str, way: Way, idle: int, messages_per_s: float) -> tuple[float, float]:
        """Return the seconds that a quote keeps others waiting; of equal ones the shorter wins."""
        record = self._record(kind, way)
        messages = record.messages / max(messages_per_s, 1.0)
        seconds = record.seconds / max(idle, 1)
        return max(messages, seconds), seconds

    def _record(self, kind: str, way: Way) -> _Record:
        record = self._records.get((kind, way))
        if record is None:
            seconds = EXPECTED_S[kind in OPTIONS, way]
            record = self._records[kind, way] = _Record(seconds, MESSAGES[way])
        return record


class Settled(msgspec.Struct):
    """Filled in by the broker: the field that came last of those that a short stream waits for."""

    last: str = ""
