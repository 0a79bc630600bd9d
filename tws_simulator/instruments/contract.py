"""A contract, as TWS describes one."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from tws_simulator.instruments.kinds import KINDS, SecType
from tws_simulator.instruments.listing import NOTHING, Listing
from tws_simulator.instruments.terms import DataTerms

#: Percent of par in which bonds and bills are quoted.
PERCENT = 100
#: The price that stands for a side without a quote, unless a contract has another one.
NO_QUOTE = -1.0


@dataclass(frozen=True, slots=True)
class Reroute:
    """Hold where TWS asks a client to go for the market data of a CFD (message 91)."""

    con_id: int
    exchange: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Describe one contract that exists in the simulated world.

    `symbol` is the underlying's, `exchange` where it is asked for, and `expiry` YYYYMMDD.
    `strike` and prices are quoted in `currency` times `price_magnifier`, those of debt in percent
    of `par`; `multiplier` and `par` are exact. `walk` names what moves the price, the symbol where
    it is empty. `no_quote` is the price that stands for a side without a quote.
    """

    con_id: int
    symbol: str
    sec_type: SecType
    local_symbol: str
    trading_class: str
    exchange: str
    primary_exchange: str = ""
    currency: str = "USD"
    expiry: str = ""
    strike: float = 0.0
    right: Literal["", "C", "P"] = ""
    multiplier: Decimal = Decimal(1)
    min_tick: float = 0.01
    under_con_id: int = 0
    long_name: str = ""
    price_magnifier: int = 1
    par: Decimal = field(default=Decimal(0), hash=False)
    #: Where it is listed, where it is quoted, and at which exchanges rows of details are given to
    #: a request that names none; empty is derived from `exchange`.
    valid_exchanges: tuple[str, ...] = field(default=(), hash=False)
    data_exchanges: tuple[str, ...] = field(default=(), hash=False)
    details_exchanges: tuple[str, ...] = field(default=(), hash=False)
    #: What a position row names as the exchange; None is derived from the type.
    row_exchange: str | None = field(default=None, hash=False)
    walk: str = field(default="", hash=False)
    no_quote: float = field(default=NO_QUOTE, hash=False)
    reroute: Reroute | None = field(default=None, hash=False)
    terms: DataTerms | None = field(default=None, hash=False)
    listing: Listing = field(default=NOTHING, hash=False)

    @property
    def multiplier_text(self) -> str:
        """Return the multiplier as TWS sends it: nothing for types without one."""
        shown = KINDS[self.sec_type].has_multiplier or self.multiplier != 1
        return f"{self.multiplier:f}" if shown else ""

    @property
    def position_exchange(self) -> str:
        """Return the exchange that a position row names; none for options and futures."""
        if self.row_exchange is not None:
            return self.row_exchange
        named = self.primary_exchange or self.exchange
        return named if KINDS[self.sec_type].row_exchange else ""

    @property
    def money_per_point(self) -> Decimal:
        """Return the money that one unit of the price is for one unit of the quantity."""
        if self.par:
            return self.par * self.multiplier / PERCENT
        return self.multiplier / self.price_magnifier

    @property
    def moved_by(self) -> str:
        """Return the name of the underlying that moves the price."""
        return self.walk or self.symbol


def option_local_symbol(trading_class: str, expiry: str, right: str, strike: float) -> str:
    """Return an option's OCC symbol: SPY   261218P00450000."""
    return f"{trading_class:<6}{expiry[2:]}{right}{round(strike * 1000):08d}"


#: Month letters of futures, January to December.
MONTH_LETTERS = "FGHJKMNQUVXZ"


def future_local_symbol(symbol: str, expiry: str) -> str:
    """Return a future's symbol as exchanges write it: ESZ6."""
    return f"{symbol}{MONTH_LETTERS[int(expiry[4:6]) - 1]}{expiry[3]}"
