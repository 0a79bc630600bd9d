"""Where requests for a contract go. Pure.

Rules, for a contract whose details are known:
1. SMART, where `validExchanges` lists it.
2. Else the first of these that is listed and is a market: the exchange of the position, the
   exchanges of the rows of details (the primary exchange before others), the primary exchange.
3. Else the first listed exchange that is a market.
4. Else the first that is listed at all.
Where the details list no exchange, the same names count as if they were listed.

For a contract without details there is only a guess: types that SMART routes go there, others to
the exchange of the position, or to the one exchange that IB has for their type.

A market is a place that quotes. Destinations such as QBALGO take orders and quote nothing
(recorded: `ES` is listed at `CME,QBALGO` with a row of details for each; at QBALGO its market data
is refused with error 200).
"""

from __future__ import annotations

from collections.abc import Sequence

SMART = "SMART"
#: Destinations of orders that quote nothing: algorithms, IB's own crossing, other brokers' routers.
NOT_MARKETS = frozenset(("IBKRATS", "IBUSOPT", "FOXRIVER"))
#: How names of algorithmic destinations end: QBALGO, JEFFALGO, CSFBALGO.
ALGORITHM = "ALGO"
#: Types that SMART routes, as a guess; options of EUREX, HKFE or OSE are exceptions.
SMART_TYPES = frozenset(("STK", "OPT", "WAR", "IOPT", "BOND", "BILL", "CFD", "CMDTY"))
#: Types that IB trades at one exchange of its own.
ONLY_EXCHANGE = {"CASH": "IDEALPRO", "FUND": "FUNDSERV"}


def is_market(exchange: str) -> bool:
    """Return True for an exchange that quotes prices of its own."""
    return bool(exchange) and not (
        exchange == SMART or exchange in NOT_MARKETS or exchange.endswith(ALGORITHM)
    )


def request_exchange(
    sec_type: str,
    valid: Sequence[str],
    held_at: str,
    listed_at: Sequence[str],
    primary: str,
) -> str:
    """Return the exchange to ask at by the rules above; empty where no name is known.

    `valid` is `validExchanges`, `held_at` the exchange of the position, `listed_at` those of the
    rows of details.
    """
    if SMART in valid:
        return SMART
    rows = [name for name in valid if name in listed_at] or sorted(listed_at)
    rows.sort(key=lambda name: name != primary)
    named = [name for name in (held_at, *rows, primary) if name]
    if not valid:
        if SMART in named:
            return SMART
        return _first_market(named) or guessed_exchange(sec_type, held_at) or "".join(named[:1])
    return (
        _first_market([name for name in named if name in valid]) or _first_market(valid) or valid[0]
    )


def guessed_exchange(sec_type: str, held_at: str) -> str:
    """Return the exchange to try where details cannot be had; empty where there is no guess."""
    if sec_type in SMART_TYPES:
        return SMART
    if held_at and held_at != SMART:
        return held_at
    return ONLY_EXCHANGE.get(sec_type, "")


def _first_market(names: Sequence[str]) -> str:
    return next((name for name in names if is_market(name)), "")
