"""How fast and how large each security type trades in the simulated market.

Only the intervals have a source (IB API documentation, "market data update frequency"): a
contract's changes come at most every 250 ms, those of US options every 100 ms. The other figures
are plausible, no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tws_simulator.instruments.kinds import SecType


class Pace(NamedTuple):
    """Hold the pace of one security type.

    Quotes change every `interval_s`, sizes every `size_every_s`, and a trade happens every
    `trade_every_s`, all in seconds. `max_size` and `max_trade` are the largest size on one side
    and the largest trade, in shares or contracts; `spread` is the width between bid and ask as a
    share of the price.
    """

    interval_s: float
    size_every_s: float
    trade_every_s: float
    max_size: int
    max_trade: int
    spread: float


STOCK = Pace(0.25, 2.0, 0.5, 2000, 300, 0.00004)
OPTION = Pace(0.1, 5.0, 15.0, 400, 20, 0.015)
FUTURE = Pace(0.25, 1.0, 0.5, 120, 12, 0.00001)

PACES: Mapping[SecType, Pace] = {
    "STK": STOCK,
    "OPT": OPTION,
    "FUT": FUTURE,
    "FOP": OPTION,
    "IND": Pace(0.25, 60.0, 0.25, 1, 1, 0.0),
    "CFD": STOCK,
    "CASH": Pace(0.25, 1.0, 0.5, 5_000_000, 1_000_000, 0.00002),
    "CRYPTO": Pace(0.25, 1.0, 1.0, 10, 2, 0.0002),
    "BOND": Pace(0.25, 10.0, 60.0, 500, 50, 0.0005),
    "BILL": Pace(0.25, 10.0, 60.0, 500, 50, 0.0002),
    "WAR": Pace(0.25, 5.0, 30.0, 2000, 300, 0.02),
    "IOPT": Pace(0.25, 5.0, 30.0, 20_000, 3000, 0.02),
    "FUND": Pace(0.25, 60.0, 60.0, 100, 10, 0.0001),
    "CMDTY": Pace(0.25, 2.0, 1.0, 500, 100, 0.0001),
    "BAG": OPTION,
    "SLB": STOCK,
}
