"""The security types of TWS, and what a contract of each has.

| type       | is                      | own fields            | asked at  | exchange in its row |
|------------|-------------------------|-----------------------|-----------|---------------------|
| STK        | share, ETF              |                       | SMART     | yes                 |
| OPT        | option                  | expiry, strike, right | SMART     | no                  |
| FUT        | future                  | expiry                | CME       | no                  |
| FOP        | option on a future      | expiry, strike, right | CME       | no                  |
| IND        | index                   |                       | CBOE      | no                  |
| CFD        | contract for difference | reroute               | SMART     | no                  |
| CASH       | currency pair           |                       | IDEALPRO  | no                  |
| CRYPTO     | coin                    |                       | PAXOS     | yes                 |
| BOND, BILL | debt, in percent of par | expiry, par           | SMART     | no                  |
| WAR        | warrant                 | expiry, strike, right | SMART     | yes                 |
| IOPT       | structured product      | expiry, strike, right | SMART     | yes                 |
| FUND       | mutual fund             |                       | FUNDSERV  | yes                 |
| CMDTY      | metal                   |                       | SMART     | no                  |
| BAG        | combination             |                       | SMART     | no                  |
| SLB        | borrowed shares         |                       | PREBORROW | yes                 |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

SecType: TypeAlias = Literal[
    "STK", "OPT", "FUT", "FOP", "IND", "CFD", "CASH", "CRYPTO", "BOND", "BILL", "WAR", "IOPT",
    "FUND", "CMDTY", "BAG", "SLB",
]  # fmt: skip
SEC_TYPES: tuple[SecType, ...] = get_args(SecType)

#: The exchange name that lets IB choose.
SMART = "SMART"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Describe one security type.

    `expires` is "must", "may" or "never". `row_exchange` is true where a position row names the
    exchange. `vol` and `beta` move prices that are not given: volatility per square root of a
    year, and the share in the market's moves.
    """

    exchange: str = SMART
    expires: Literal["must", "may", "never"] = "never"
    has_strike: bool = False
    has_multiplier: bool = False
    has_par: bool = False
    row_exchange: bool = False
    min_tick: float = 0.01
    vol: float = 0.3
    beta: float = 1.0


KINDS: Mapping[SecType, Kind] = {
    "STK": Kind(row_exchange=True),
    "OPT": Kind(expires="must", has_strike=True, has_multiplier=True),
    "FUT": Kind(exchange="CME", expires="must", has_multiplier=True),
    "FOP": Kind(exchange="CME", expires="must", has_strike=True, has_multiplier=True),
    "IND": Kind(exchange="CBOE"),
    "CFD": Kind(),
    "CASH": Kind(exchange="IDEALPRO", min_tick=0.00005, vol=0.08, beta=0.0),
    "CRYPTO": Kind(exchange="PAXOS", row_exchange=True, vol=0.6),
    "BOND": Kind(expires="may", has_par=True, min_tick=0.0001, vol=0.04, beta=0.0),
    "BILL": Kind(expires="may", has_par=True, min_tick=0.0001, vol=0.005, beta=0.0),
    "WAR": Kind(expires="must", has_strike=True, has_multiplier=True, row_exchange=True),
    "IOPT": Kind(expires="must", has_strike=True, has_multiplier=True, row_exchange=True),
    "FUND": Kind(exchange="FUNDSERV", row_exchange=True),
    "CMDTY": Kind(vol=0.15, beta=0.1),
    "BAG": Kind(),
    "SLB": Kind(exchange="PREBORROW", row_exchange=True),
}
