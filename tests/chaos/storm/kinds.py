"""Kinds of contracts in a storm: holdings beside the simulator's default book, and worth of each.

A position is worth quantity x price x factor; the factors are worked out by hand, so that a recount
of the lake's values shares nothing with the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Opened by the simulator at each of its starts: what its default book lacks. No account holds an
#: index; it is here because a row of one must do no harm.
MORE_KINDS: tuple[Mapping[str, Any], ...] = (
    {"do": "open", "symbol": "DAX", "sec_type": "IND", "exchange": "EUREX", "currency": "EUR",
     "quantity": 1, "con_id": 990_001},
    {"do": "open", "symbol": "NFYS", "sec_type": "WAR", "expiry": "20271006", "strike": 11.5,
     "right": "C", "quantity": 100, "exchange": "NYSE", "con_id": 990_002},
    {"do": "open", "symbol": "DAX", "sec_type": "IOPT", "expiry": "20270616", "strike": 23000,
     "right": "C", "quantity": 500, "exchange": "FWB", "currency": "EUR", "multiplier": "0.01",
     "con_id": 990_003},
    {"do": "open", "symbol": "VFIAX", "sec_type": "FUND", "quantity": 12.345, "con_id": 990_004},
    {"do": "open", "symbol": "XAUUSD", "sec_type": "CMDTY", "quantity": 3, "con_id": 990_005},
    {"do": "open", "symbol": "SPY", "sec_type": "BAG", "quantity": 2, "con_id": 28_812_380},
    {"do": "open", "symbol": "AAPL", "sec_type": "SLB", "local_symbol": "AAPL.SLB",
     "quantity": -100, "con_id": 990_006},
)  # fmt: skip
#: Money for one unit of quantity and of price, by symbol and type where a type alone does not say
#: it: magnifiers of 100, and multipliers other than those of US options.
FACTORS: Mapping[tuple[str, str], float] = {
    ("RR.", "STK"): 0.01,
    ("ZC", "FUT"): 50,
    ("ES", "FUT"): 50,
    ("MBT", "FUT"): 0.1,
    ("ESTX50", "OPT"): 10,
    ("DAX", "IOPT"): 0.01,
}
#: The same of all others, by type; bonds and bills are quoted in percent of 1,000.
FACTORS_OF_TYPES: Mapping[str, float] = {
    "STK": 1, "OPT": 100, "FOP": 50, "IND": 1, "CFD": 1, "CASH": 1, "CRYPTO": 1, "BOND": 10,
    "BILL": 10, "WAR": 1, "FUND": 1, "CMDTY": 1, "BAG": 1,
}  # fmt: skip
#: Types that a storm's portfolio holds.
KINDS_HELD = frozenset(FACTORS_OF_TYPES) | {"FUT", "IOPT", "SLB"}


def factor(symbol: str, sec_type: str) -> float | None:
    """Return the factor of a contract; None where no price has a value in money."""
    return FACTORS.get((symbol, sec_type), FACTORS_OF_TYPES.get(sec_type))
