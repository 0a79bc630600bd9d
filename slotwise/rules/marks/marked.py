"""A mark of a holding as the gateway publishes it: a price, its band, and the age of each part."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

import msgspec

from slotwise.rules.marks.mark import MarkSource

#: Sources in the order of their numbers on the board.
SOURCES: tuple[MarkSource, ...] = get_args(MarkSource)


class Marked(msgspec.Struct, frozen=True, gc=False):
    """What one contract is worth, in the units its price is quoted in; None is unknown.

    The true middle is asked to lie within `value` +- `band` 95 times of 100. The times say when
    each part was observed: the contract's own quote, its greeks, the underlying's price.
    `delayed` is True where they came from a delayed feed.
    """

    con_id: int
    at: datetime
    value: float | None = None
    band: float | None = None
    source: MarkSource = "none"
    quoted_at: datetime | None = None
    greeks_at: datetime | None = None
    underlying_at: datetime | None = None
    delayed: bool = False

    @property
    def age_s(self) -> float | None:
        """Return the age of the contract's own quote at the time of the mark, seconds."""
        return None if self.quoted_at is None else (self.at - self.quoted_at).total_seconds()
