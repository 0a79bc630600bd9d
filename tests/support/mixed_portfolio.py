"""A portfolio of any size with every security type that an account can hold, in equal shares.

An index (IND) cannot be held: it is on the watchlist instead. TWS knows no details of borrowed
shares (SLB) and refuses them with error 200, as it does for whatever else has been delisted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.unit.simulator.holdings import HOLDINGS

#: Contract ids of the holdings are these and those that follow.
FIRST_ID = 100_001
#: Types in their order, as the holdings follow each other.
HELD_TYPES = tuple(kind for kind in HOLDINGS if kind != "IND")
#: Ids of the watchlist, which no account holds.
WATCHED = {"SPY": 756_733, "VIX": 13_455_763}
#: Types whose symbol is a currency or a combination's, so that several share one.
SHARED_SYMBOLS = ("CASH", "BAG")


def type_of(con_id: int) -> str:
    """Name the security type of a holding."""
    return HELD_TYPES[(con_id - FIRST_ID) % len(HELD_TYPES)]


def holdings(count: int) -> Iterator[dict[str, Any]]:
    """Describe the holdings as a portfolio file does; none expires soon."""
    for number in range(count):
        kind = type_of(FIRST_ID + number)
        entry = dict(HOLDINGS[kind].entry) | {"con_id": FIRST_ID + number}
        if kind not in SHARED_SYMBOLS:
            entry["symbol"] = f"{entry['symbol']}{number}"
        entry.pop("local_symbol", None)
        if "expiry" in entry:
            entry["expiry"] = f"2028{entry['expiry'][4:]}"
        yield entry


def write_portfolio(path: Path, count: int) -> Path:
    """Write a portfolio file of so many holdings in one account."""
    watched = [
        {"symbol": "SPY", "con_id": WATCHED["SPY"]},
        {"symbol": "VIX", "sec_type": "IND", "con_id": WATCHED["VIX"]},
    ]
    account = {"account": "DU1234567", "positions": list(holdings(count))}
    path.write_text(json.dumps({"accounts": [account], "contracts": watched}, default=float))
    return path
