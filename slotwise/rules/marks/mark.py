"""The mark of a holding: a price, how it was found, how old it is, and how far it may be off."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from slotwise.rules.marks.black76 import Greeks

#: How a mark was found.
#: stream: the middle of a market that a held line shows.
#: quote: the middle of a market that was quoted a moment ago.
#: model: the last quote, moved by its greeks and what the underlying did since.
#: kept: the last quote, as its move since is not known; the band grows with the possible move.
#: neighbours: no quote of its own yet; the volatility of the strikes beside it.
#: close: the last trade or close of a market that shows no two sides.
#: none: unknown.
MarkSource: TypeAlias = Literal["stream", "quote", "model", "kept", "neighbours", "close", "none"]


class Mark(msgspec.Struct, frozen=True, gc=False):
    """What one contract is worth at a moment, in the units its price is quoted in.

    The true middle is asked to lie within `value` +- `band` 95 times of 100. The times say when
    each part was observed, None where the mark has no such part. `greeks` are those the mark was
    made with, as of their own time. `delayed` is True where its parts came from a delayed feed.
    """

    con_id: int
    at_s: float
    value: float | None = None
    band: float | None = None
    source: MarkSource = "none"
    quoted_at_s: float | None = None
    greeks_at_s: float | None = None
    underlying_at_s: float | None = None
    greeks: Greeks | None = None
    delayed: bool = False

    @property
    def age_s(self) -> float | None:
        """Return the age of the contract's own quote, seconds; None where it has none."""
        return None if self.quoted_at_s is None else self.at_s - self.quoted_at_s

    @property
    def greeks_age_s(self) -> float | None:
        """Return the age of the greeks, seconds; None where the mark uses none."""
        return None if self.greeks_at_s is None else self.at_s - self.greeks_at_s

    @property
    def underlying_age_s(self) -> float | None:
        """Return the age of the underlying's price, seconds; None where the mark uses none."""
        return None if self.underlying_at_s is None else self.at_s - self.underlying_at_s
