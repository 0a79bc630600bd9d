"""A contract, as TWS describes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

SecType: TypeAlias = Literal["STK", "IND", "OPT", "FUT"]

#: The exchange name that lets IB choose.
SMART = "SMART"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Describe one contract that exists in the simulated world.

    `symbol` is the underlying's, `exchange` where it is asked for, and `expiry` YYYYMMDD.
    `strike` and `price`s are in `currency`; `multiplier` turns a price into money.
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
    multiplier: int = 1
    min_tick: float = 0.01
    under_con_id: int = 0
    long_name: str = ""

    @property
    def multiplier_text(self) -> str:
        """Give the multiplier as TWS sends it: nothing for stocks and indices."""
        return str(self.multiplier) if self.sec_type in ("OPT", "FUT") else ""

    @property
    def position_exchange(self) -> str:
        """Give the exchange a position row carries: none for options and futures."""
        return self.primary_exchange or self.exchange if self.sec_type == "STK" else ""


def option_local_symbol(trading_class: str, expiry: str, right: str, strike: float) -> str:
    """Spell an option as the OCC does: SPY   261218P00450000."""
    return f"{trading_class:<6}{expiry[2:]}{right}{round(strike * 1000):08d}"


#: Month letters of futures, January to December.
MONTH_LETTERS = "FGHJKMNQUVXZ"


def future_local_symbol(symbol: str, expiry: str) -> str:
    """Spell a future as exchanges do: ESZ6."""
    return f"{symbol}{MONTH_LETTERS[int(expiry[4:6]) - 1]}{expiry[3]}"
