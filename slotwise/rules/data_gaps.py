"""When an active contract was not seen: the rows of table `line_events`, read as intervals.

Rules:
* A contract is blind while its ticks are wanted and none comes: from when it waited for a
  line, or its line was asked for, lost, refused, given to another or fell silent, until a tick
  comes or it is not wanted any more.
* `lost`, `refused` and `silent` of a line that ticked carry the time of its last tick: what the
  gateway found out later began then.
* A line that is opened while it was seen follows a gateway that ended without a last row. Whether
  the contract was seen between the row before and the opening is not known: an interval of its
  own, which counts to no sum. From the opening on it is blind.
* Rows may come in any order; those of the same instant follow each other as `_ORDER` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import msgspec

LineEventName: TypeAlias = Literal[
    "waits",
    "opened",
    "first_tick",
    "silent",
    "lost",
    "returned",
    "refused",
    "gave_way",
    "closed",
]

#: Events in the order in which they can follow each other within one instant: a line that ticked
#: once is lost as of that tick.
_ORDER: tuple[LineEventName, ...] = (
    "waits", "opened", "first_tick", "returned", "silent", "lost", "refused", "gave_way", "closed",
)  # fmt: skip
_SEEN = frozenset(("first_tick", "returned"))


class LineEvent(msgspec.Struct, frozen=True):
    """Hold one row of table `line_events`."""

    con_id: int
    symbol: str
    event: LineEventName
    reason: str
    held: int
    allowed: int
    at: datetime


class DataGap(msgspec.Struct, frozen=True, kw_only=True):
    """One time in which a contract was not seen; where `known` is false it may have been.

    `end` is None while it goes on.
    """

    con_id: int
    begin: datetime
    end: datetime | None
    event: LineEventName
    reason: str
    known: bool = True

    def lasted(self, now: datetime) -> timedelta:
        """Return how long it lasted, or has lasted until now."""
        return (self.end or now) - self.begin


def data_gaps(events: Iterable[LineEvent]) -> dict[int, list[DataGap]]:
    """Turn line events into each contract's blind intervals, oldest first, none overlapping."""
    histories: dict[int, list[LineEvent]] = {}
    for event in sorted(events, key=lambda e: (e.at, _ORDER.index(e.event))):
        histories.setdefault(event.con_id, []).append(event)
    return {con_id: _gaps(history) for con_id, history in histories.items()}


def _gaps(history: list[LineEvent]) -> list[DataGap]:
    gaps: list[DataGap] = []
    gap: DataGap | None = None
    before: LineEvent | None = None
    for event in history:
        if event.event in _SEEN or event.event == "closed":
            if gap is not None:
                gaps.append(msgspec.structs.replace(gap, end=event.at))
            gap = None
        elif gap is None:
            if event.event == "opened" and before is not None and before.event in _SEEN:
                gaps.append(
                    DataGap(
                        con_id=event.con_id,
                        begin=before.at,
                        end=event.at,
                        event=event.event,
                        reason="the gateway before ended without a last row",
                        known=False,
                    )
                )
            gap = DataGap(
                con_id=event.con_id,
                begin=event.at,
                end=None,
                event=event.event,
                reason=event.reason,
            )
        before = event
    return gaps if gap is None else [*gaps, gap]
