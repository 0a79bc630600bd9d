"""The facts of a contract from which marks are computed."""

from __future__ import annotations

import msgspec

#: Volatility a year that is assumed until misses show another: of a stock, and of all that is
#: steadier (futures, indexes, funds; currencies and bonds move less, and learn it within hours).
STOCK_VOLATILITY, OTHER_VOLATILITY = 0.35, 0.2


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """One contract that is held, or the underlying of one.

    `underlying` is the contract id an option's price follows, None of anything else. `expires_at_s`
    is when an option's last session ends. `tick` is its smallest step of price, None where that is
    not known.
    """

    con_id: int
    underlying: int | None = None
    strike: float | None = None
    call: bool | None = None
    expires_at_s: float | None = None
    tick: float | None = None
    volatility: float = OTHER_VOLATILITY

    @property
    def is_option(self) -> bool:
        """Return True where all is known that makes the contract an option."""
        return (
            self.underlying is not None
            and self.strike is not None
            and self.call is not None
            and self.expires_at_s is not None
        )

    def is_same_kind(self, other: Instrument) -> bool:
        """Return True where quotes of one serve for the other: only what is around them differs."""
        return self.is_option == other.is_option and (
            not self.is_option
            or (self.underlying, self.strike, self.call)
            == (other.underlying, other.strike, other.call)
        )
