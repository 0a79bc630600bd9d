"""An underlying: what moves by itself, and how."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tws_simulator.instruments.kinds import SecType


@dataclass(frozen=True, slots=True, kw_only=True)
class Underlying:
    """Describe a stock, index or future, and how its price moves.

    `price` is where the walk starts. `beta` is its share in the market's moves and `own_vol` what
    it does by itself; `implied_vol` prices its options. Volatilities are per square root of a
    year. An underlying without `strike_step` (a price) has no options. `con_id` is that of the
    stock or index; a future's is that of the index below it.
    """

    symbol: str
    name: str
    sec_type: SecType = "STK"
    exchange: str = "SMART"
    primary_exchange: str = ""
    con_id: int = 0
    price: float
    beta: float = 1.0
    own_vol: float = 0.0
    implied_vol: float = 0.2
    strike_step: float = 0.0
    option_class: str = ""
    option_tick: float = 0.01
    min_tick: float = 0.01
    multiplier: Decimal = Decimal(1)
    industry: str = ""
