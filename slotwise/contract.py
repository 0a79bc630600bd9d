"""A contract: what is held, watched or streamed."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

import msgspec

from slotwise.indices import INDICES
from slotwise.leg import Leg

#: Identifies one holding: account and contract id.
PositionKey: TypeAlias = tuple[str, int]

#: Types whose issuer has many under one symbol; the local symbol distinguishes them.
DEBT = frozenset(("BOND", "BILL"))


# Left out of garbage collection: it can be in no circle, and there are tens of thousands.
class Contract(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    #: Divides a quoted price to give currency: 100 where prices are in pence or cents. None while
    #: the contract's details are not known: then its value in money is unknown.
    price_magnifier: int | None = None
    #: False where a multiplier was sent that is none, such as -5: then `multiplier` has no meaning.
    multiplier_known: bool = True

    @property
    def label(self) -> str:
        """Return the leg in words that names it: `SPY 20261218 P 560`, `GAW GBP`.

        Of types that are named by their ids alone the words are refused as a leg; bonds of one
        issuer share its symbol, so their local symbol is taken (`T 0 1/4 09/30/30 BOND`). A
        contract without a symbol is named by its id; it is empty where nothing but the id is known.
        """
        if not self.symbol:
            return str(self.con_id) if self.sec_type else ""
        if self.sec_type in DEBT and self.local_symbol:
            currency = "" if self.currency == "USD" else self.currency
            return " ".join(filter(None, (self.local_symbol, self.sec_type, currency)))
        several_classes = self.sec_type == "FOP" and self.trading_class != self.symbol
        # A share is what a symbol means by itself, unless it is that of an index.
        by_symbol = (
            self.sec_type == "STK"
            and self.symbol not in INDICES
            and not (self.expiry or self.right)
        )
        return Leg(
            symbol=self.symbol,
            sec_type="" if by_symbol else self.sec_type,
            expiry=self.expiry,
            right=self.right,
            strike=self.strike if self.right else None,
            # A pair is named by both of its currencies; others are in dollars by default.
            currency="" if self.currency == "USD" and self.sec_type != "CASH" else self.currency,
            trading_class=self.trading_class if several_classes else "",
        ).label
