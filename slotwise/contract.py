"""A contract: what is held, watched or streamed."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

import msgspec

#: Identifies one holding: account and contract id.
PositionKey: TypeAlias = tuple[str, int]


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """Name one tradable thing the way IB does.

    `expiry` is YYYYMMDD or empty; `right` is C, P or empty; `exchange` is the one requests are
    routed to and may be empty on a position of an option or a future, as TWS sends it.
    """

    con_id: int
    symbol: str
    sec_type: str
    local_symbol: str = ""
    expiry: str = ""
    strike: Decimal | None = None
    right: str = ""
    multiplier: Decimal = Decimal(1)
    currency: str = "USD"
    exchange: str = ""
    primary_exchange: str = ""
    trading_class: str = ""

    @property
    def label(self) -> str:
        """Say it in a few words: `SPY 20261218 P 560`."""
        parts = [self.symbol]
        if self.sec_type not in ("STK", "OPT", "FOP"):
            parts.append(self.sec_type)
        if self.expiry:
            parts.append(self.expiry)
        if self.right and self.strike is not None:
            parts += [self.right, f"{self.strike.normalize():f}"]
        return " ".join(parts)
