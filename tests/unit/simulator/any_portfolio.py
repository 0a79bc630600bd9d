"""Strategies of portfolio files: whatever the format can express."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tws_simulator.book.exchanges_of import BY_CURRENCY
from tws_simulator.instruments.kinds import KINDS, SEC_TYPES, SecType
from tws_simulator.instruments.listing import (
    FLAGS,
    NAMES,
    NOT_OF_BONDS,
    NUMBERS,
    OF_BONDS,
)
from tws_simulator.instruments.terms import CODES

#: What TWS may write into a text: anything printable.
texts = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF).filter(str.isprintable), max_size=8
)
names = st.sampled_from(
    ("SPY", "ES", "T", "BRK B", "7203", "700", "EUR", "GBP", "BTC", "RR.", "ZC", "AAPL", "X")
)
exchanges = st.sampled_from(
    ("SMART", "LSE", "CME", "QBALGO", "EUREX", "SEHK", "TSEJ", "NYSE", "OSE.JPN", "IDEALPRO")
)
currencies = st.sampled_from(("USD", *BY_CURRENCY))
days = st.dates(date(2026, 11, 12), date(2035, 12, 31)).map(lambda day: f"{day:%Y%m%d}")
quantities = st.one_of(
    st.integers(-(10**6), 10**6),
    st.decimals(-1000, 1000, places=16, allow_nan=False),
    st.decimals(-1000, 1000, places=8, allow_nan=False),
    st.sampled_from((0, 2**63 - 1, -(2**63))),
)
above_0 = st.one_of(
    st.integers(1, 10**6), st.decimals("0.00001", 10_000, places=5, allow_nan=False)
)
costs = st.one_of(
    st.sampled_from(("NaN", "1.7976931348623157E308", 0)),
    st.decimals(-(10**6), 10**6, places=13, allow_nan=False),
)
prices = st.one_of(
    st.none(), st.integers(-1000, 10**6), st.decimals(-100, 10_000, places=5, allow_nan=False)
)
hours = st.sampled_from(
    ("", "0930-1600", "1900-0745,0830-1320", ";20261130:0900-20261130:1730",
     "20261218:0930-20261218:1600;20261219:CLOSED")
)  # fmt: skip
last_trades = st.sampled_from(
    ("", "20261218", "20261218 08:30 US/Central", "20261217 23:30:00 US/Pacific",
     "20261218-12:30:00")
)  # fmt: skip
numbers = st.sampled_from(("0", "1", "0.25", "5.0E-5", "2147483647", "0.0001"))
#: What stands for the values of single details; all others are texts.
_OF_DETAILS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(NUMBERS, numbers),
    **dict.fromkeys(FLAGS, st.booleans()),
    "under_con_id": st.integers(0, 10**9 - 1).map(str),
    "agg_group": st.sampled_from(("1", "2147483647")),
    "trading_hours": hours,
    "liquid_hours": hours,
    "last_trade": last_trades,
    "time_zone": st.sampled_from(("", "MET", "CST", "JST", "HongKong", "US/Eastern")),
}


def _details(*, has_par: bool) -> st.SearchStrategy[dict[str, Any]]:
    allowed = sorted(set(NAMES) - (NOT_OF_BONDS if has_par else OF_BONDS))
    return st.fixed_dictionaries(
        {}, optional={name: _OF_DETAILS.get(name, texts) for name in allowed}
    )


@st.composite
def _quotes(draw: st.DrawFn, *, is_index: bool) -> dict[str, Any]:
    sides = () if is_index else ("bid", "ask")
    quote = {
        name: draw(prices)
        for name in (*sides, "last", "open", "high", "low", "close")
        if draw(st.booleans())
    }
    bid, ask = quote.get("bid"), quote.get("ask")
    if bid is not None and ask is not None:
        quote["bid"], quote["ask"] = min(bid, ask), max(bid, ask)
    for side in (*sides, "last"):
        if quote.get(side) is not None and draw(st.booleans()):
            quote[f"{side}_size"] = draw(above_0)
    if draw(st.booleans()):
        quote["volume"] = draw(above_0)
    return quote


@st.composite
def _terms(draw: st.DrawFn) -> dict[str, Any]:
    code = draw(st.sampled_from(sorted(CODES)))
    then = draw(st.sampled_from(sorted(CODES[code])))
    return {"code": code, "then": then} | ({"text": draw(texts)} if draw(st.booleans()) else {})


@st.composite
def _exchanges(draw: st.DrawFn) -> dict[str, Any]:
    """Draw exchanges that belong together."""
    if draw(st.booleans()):
        return {"exchange": draw(exchanges)}
    listed = draw(st.lists(exchanges, min_size=1, max_size=4, unique=True))
    lists = st.lists(st.sampled_from(listed), min_size=1, unique=True)
    return {
        "valid_exchanges": listed,
        "exchange": draw(st.sampled_from(listed)),
        **({"data_exchanges": draw(lists)} if draw(st.booleans()) else {}),
        **({"details_exchanges": draw(lists)} if draw(st.booleans()) else {}),
    }


@st.composite
def entries(draw: st.DrawFn, sec_type: SecType, con_id: int) -> dict[str, Any]:
    """Draw a position of one type; each has an id of its own."""
    kind = KINDS[sec_type]
    entry: dict[str, Any] = {
        "symbol": draw(names), "sec_type": sec_type, "con_id": con_id,
        "quantity": draw(quantities), **draw(_exchanges()),
    }  # fmt: skip
    if kind.expires == "must" or (kind.expires == "may" and draw(st.booleans())):
        entry["expiry"] = draw(days)
    if kind.has_strike:
        entry |= {"strike": draw(above_0), "right": draw(st.sampled_from("CP"))}
    optional: dict[str, st.SearchStrategy[Any]] = {
        "currency": currencies, "local_symbol": texts, "trading_class": texts,
        "avg_cost": costs, "multiplier": above_0, "price_magnifier": st.sampled_from((1, 10, 100)),
        "price": above_0, "row_exchange": st.one_of(st.just(""), exchanges),
    }  # fmt: skip
    known: dict[str, st.SearchStrategy[Any]] = {
        "min_tick": st.sampled_from((Decimal("0.01"), Decimal("0.00005"), 1)),
        "details": _details(has_par=kind.has_par),
        "quote": _quotes(is_index=sec_type == "IND"),
        "no_quote": st.sampled_from((-1, 0, -100)),
        "data": _terms(),
    }
    if kind.has_par:
        optional["par"] = above_0
    if sec_type == "CFD":
        known["reroute"] = st.just({"con_id": 265598, "exchange": "SMART"})
    if sec_type == "SLB" or draw(st.integers(0, 9)) == 0:
        for name in ("valid_exchanges", "data_exchanges", "details_exchanges"):
            entry.pop(name, None)
        entry["known"] = False
    else:
        optional |= known
    return entry | draw(st.fixed_dictionaries({}, optional=optional))


#: The first id of a drawn contract: above those that are made up.
FIRST_ID = 1_000_000_001


@st.composite
def portfolios(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a file of up to two accounts, with contracts that no account holds."""
    ids = iter(range(FIRST_ID, FIRST_ID + 100))
    types = st.lists(st.sampled_from(SEC_TYPES), max_size=4)
    accounts = [
        {
            "account": account,
            "positions": [draw(entries(sec_type, next(ids))) for sec_type in draw(types)],
        }
        for account in ("DU1234567", "DUM10000001")[: draw(st.integers(1, 2))]
    ]
    contracts = [draw(entries(sec_type, next(ids))) for sec_type in draw(types)[:2]]
    for contract in contracts:
        del contract["quantity"]
        contract.pop("avg_cost", None)
    return {
        "accounts": accounts,
        "contracts": contracts,
        **({"login_zone": "Europe/Zurich"} if draw(st.booleans()) else {}),
        **({"base_currency": draw(currencies)} if draw(st.booleans()) else {}),
    }
