"""Course of a price's age: which word it has now, and when it gets another without news. Pure.

A page without news goes through the course by its own clock, so that numbers become
late and stale there too. The rules of the words are those of `slotwise.portfolio.price` alone: the
course asks them at each moment at which their answer may change.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeAlias, overload

from slotwise.portfolio.price import FRESH_S, LATE_S
from slotwise.portfolio.row import PortfolioRow

#: Words and, between two of them, the time from which the next one counts, ms since 1970.
Course: TypeAlias = tuple[str | int, ...]

#: After these ages a price gets another word.
_BOUNDS = (timedelta(seconds=FRESH_S), timedelta(seconds=LATE_S))
#: A word counts up to its bound, and the next one right after it.
_AFTER = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@overload
def epoch_ms(at: datetime) -> int: ...
@overload
def epoch_ms(at: datetime | None) -> int | None: ...
def epoch_ms(at: datetime | None) -> int | None:
    """Return a time as whole milliseconds since 1970; None where there is none."""
    return None if at is None else (at - _EPOCH) // _MS


def course_of(row: PortfolioRow, at: datetime) -> Course:
    """Return the words of a price's age from `at` on, with the time from which each counts."""
    word: str = row.freshness(at)
    found: list[str | int] = [word]
    seen = {time for time in (row.price_at, row.moved_at) if time is not None}
    for moment in sorted({time + bound + _AFTER for time in seen for bound in _BOUNDS}):
        if moment <= at:
            continue
        later: str = row.freshness(moment)
        if later != word:
            word = later
            found += [(moment - _EPOCH) // _MS, later]
    return tuple(found)
