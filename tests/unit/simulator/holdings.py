"""One holding of every security type, with what a client sees of it, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from tests.unit.simulator.in_memory import InMemoryTws, by_id
from tws_simulator.book.file import portfolio_of

ACCOUNT = "DU1234567"


class Holding(NamedTuple):
    """Hold an entry of a portfolio file and what is expected of it.

    `row` is what a position row says from the expiry to the currency, `asked` the exchange that
    has its data, `value` the money that the position is worth at its quote; None where nothing is
    quoted.
    """

    entry: Mapping[str, Any]
    row: tuple[str, ...]
    asked: str
    value: str | None


def _quote(bid: str, ask: str, **others: str) -> dict[str, Any]:
    return {name: Decimal(price) for name, price in {"bid": bid, "ask": ask, **others}.items()}


#: By security type; the multiplier of a type without one is empty.
HOLDINGS: Mapping[str, Holding] = {
    # 10 x 42.95 pounds, quoted in pence.
    "STK": Holding(
        {"symbol": "GAW", "currency": "GBP", "exchange": "LSE", "price_magnifier": 100,
         "quantity": 10, "avg_cost": Decimal("41.5"), "quote": _quote("4290", "4300")},
        ("", "0.0", "", "", "LSE", "GBP"), "SMART", "429.5",
    ),
    # 3 x 10 x 80.5 euros, at EUREX alone.
    "OPT": Holding(
        {"symbol": "ESTX50", "expiry": "20261218", "strike": 5000, "right": "C", "quantity": 3,
         "exchange": "EUREX", "currency": "EUR", "multiplier": 10, "trading_class": "OESX",
         "quote": _quote("80", "81")},
        ("20261218", "5000.0", "C", "10", "", "EUR"), "EUREX", "2415",
    ),
    # 1 x 5000 x 4.5025 dollars, quoted in cents.
    "FUT": Holding(
        {"symbol": "ZC", "sec_type": "FUT", "expiry": "20270312", "quantity": 1,
         "exchange": "CBOT", "multiplier": 5000, "price_magnifier": 100,
         "quote": _quote("450.25", "450.25")},
        ("20270312", "0.0", "", "5000", "", "USD"), "CBOT", "22512.5",
    ),
    # -2 x 50 x 12.25 dollars.
    "FOP": Holding(
        {"symbol": "ES", "sec_type": "FOP", "expiry": "20261218", "strike": 5550, "right": "P",
         "quantity": -2, "trading_class": "EW", "quote": _quote("12", "12.5")},
        ("20261218", "5550.0", "P", "50", "", "USD"), "CME", "-1225",
    ),
    # An index is not traded: 1 x its last price.
    "IND": Holding(
        {"symbol": "DAX", "sec_type": "IND", "exchange": "EUREX", "currency": "EUR",
         "quantity": 1, "quote": {"last": Decimal("24000.5"), "close": 23900}},
        ("", "0.0", "", "", "", "EUR"), "EUREX", "24000.5",
    ),
    # 2 x 6100.5 dollars.
    "CFD": Holding(
        {"symbol": "IBUS500", "sec_type": "CFD", "quantity": 2, "quote": _quote("6100", "6101")},
        ("", "0.0", "", "", "", "USD"), "SMART", "12201",
    ),
    # 20000 x 1.13005 dollars.
    "CASH": Holding(
        {"symbol": "EUR", "sec_type": "CASH", "quantity": 20000,
         "avg_cost": Decimal("1.1287749999999999"), "quote": _quote("1.13", "1.1301")},
        ("", "0.0", "", "", "", "USD"), "IDEALPRO", "22601",
    ),
    # 0.12345678 x 61000 dollars, to the cent.
    "CRYPTO": Holding(
        {"symbol": "BTC", "sec_type": "CRYPTO", "quantity": Decimal("0.12345678"),
         "quote": _quote("60995", "61005", bid_size="0.25", ask_size="1.5")},
        ("", "0.0", "", "", "PAXOS", "USD"), "PAXOS", "7530.86",
    ),
    # 5 pieces of 1000 at 98.42 percent.
    "BOND": Holding(
        {"symbol": "US-T", "sec_type": "BOND", "expiry": "20300930", "quantity": 5,
         "avg_cost": Decimal("984.35"), "quote": _quote("98.4", "98.44"),
         "details": {"coupon": "0.25", "cusip": "91282CDA6", "bond_type": "GOVT"}},
        ("20300930", "0.0", "", "", "", "USD"), "SMART", "4921",
    ),
    # 10 pieces of 1000 at 99.15 percent.
    "BILL": Holding(
        {"symbol": "US-T", "sec_type": "BILL", "expiry": "20270115", "quantity": 10,
         "quote": _quote("99.1", "99.2")},
        ("20270115", "0.0", "", "", "", "USD"), "SMART", "9915",
    ),
    # 100 x 0.45 dollars.
    "WAR": Holding(
        {"symbol": "NFYS", "sec_type": "WAR", "expiry": "20271006", "strike": Decimal("11.5"),
         "right": "C", "quantity": 100, "exchange": "NYSE", "local_symbol": "NFYS WS",
         "details": {"time_zone": ""}, "quote": _quote("0.4", "0.5")},
        ("20271006", "11.5", "C", "1", "NYSE", "USD"), "SMART", "45",
    ),
    # 500 x 0.01 x 2.5 euros: a hundredth of the underlying each.
    "IOPT": Holding(
        {"symbol": "DAX", "sec_type": "IOPT", "expiry": "20270616", "strike": 23000, "right": "C",
         "quantity": 500, "exchange": "FWB", "currency": "EUR", "multiplier": "0.01",
         "quote": _quote("2.4", "2.6")},
        ("20270616", "23000.0", "C", "0.01", "FWB", "EUR"), "SMART", "12.5",
    ),
    # 12.345 x 500 dollars, known at the close alone.
    "FUND": Holding(
        {"symbol": "VFIAX", "sec_type": "FUND", "quantity": Decimal("12.345"),
         "quote": {"close": 500}},
        ("", "0.0", "", "", "FUNDSERV", "USD"), "FUNDSERV", "6172.5",
    ),
    # 3 x 4000.5 dollars.
    "CMDTY": Holding(
        {"symbol": "XAUUSD", "sec_type": "CMDTY", "quantity": 3, "quote": _quote("4000", "4001")},
        ("", "0.0", "", "", "", "USD"), "SMART", "12001.5",
    ),
    # 2 x -1.25 dollars: who holds it is paid.
    "BAG": Holding(
        {"symbol": "SPY", "sec_type": "BAG", "con_id": 28812380, "quantity": 2,
         "quote": _quote("-1.3", "-1.2")},
        ("", "0.0", "", "", "", "USD"), "SMART", "-2.5",
    ),
    # Borrowed shares: TWS has no definition of them.
    "SLB": Holding(
        {"symbol": "AAPL", "sec_type": "SLB", "local_symbol": "AAPL.SLB", "quantity": -100,
         "avg_cost": 0},
        ("", "0.0", "", "", "PREBORROW", "USD"), "PREBORROW", None,
    ),
}  # fmt: skip


def holding(entries: list[Mapping[str, Any]], **options: Any) -> InMemoryTws:
    """Build a world whose one account holds these entries."""
    file = {"accounts": [{"account": ACCOUNT, "positions": [dict(entry) for entry in entries]}]}
    file |= options.pop("file", {})
    return InMemoryTws(portfolio=portfolio_of(file, "the test's portfolio"), **options)


def only(tws: InMemoryTws) -> int:
    """Return the id of the one contract that is held."""
    [position] = tws.world.accounts.positions()
    return position.contract.con_id


def details(
    tws: InMemoryTws, con_id: int, exchange: str = "", version: int = 178
) -> list[list[str]]:
    """Ask for details; return the rows without their end."""
    client = tws.client(9, version)
    frames = client.ask(9, 8, 3, *by_id(con_id, exchange), 0, "", "", "")
    client.leave()
    return frames[:-1]
