"""A contract's details, beyond its name, as TWS sends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.isin import isin_of
from tws_simulator.instruments.kinds import KINDS, SMART, SecType
from tws_simulator.instruments.query import valid_exchanges
from tws_simulator.instruments.sessions import hours_text
from tws_simulator.instruments.universe import Universe

#: Order types, as far as they are used here.
ORDER_TYPES = "ACTIVETIM,AD,ADJUST,ALERT,DAY,GTC,LIMIT,LMT,MKT,STP,STPLMT,TRAIL,WHATIF"
#: TWS's number for "no group" (Integer.MAX_VALUE), which futures carry.
NO_GROUP = "2147483647"
#: Market rules: numbers that stand for the increments of prices, by increment.
MARKET_RULES = {
    0.01: 26, 0.05: 110, 0.25: 67, 0.1: 32, 1.0: 34, 0.5: 33, 0.00005: 239, 0.0001: 59,
}  # fmt: skip
#: The rule of any other increment: a number of our choice.
OTHER_RULE = 1000
#: When a future trades last, in New York (8:30 in Chicago); options are recorded without a time.
FUTURES_TIME, NEW_YORK = time(9, 30), ZoneInfo("America/New_York")
#: Code of the exchanges behind SMART's best bid and offer, as captured from TWS.
BBO_EXCHANGE = "9c0001"
ETFS = frozenset(("SPY", "QQQ", "IWM", "GLD", "TLT", "XLF", "DIA"))
#: Smallest size, step of sizes and suggested step: US stocks trade in parts (recorded), the parts
#: of others are ours.
SIZES: dict[str, tuple[str, str, str]] = {
    "CRYPTO": ("0.00000001", "0.00000001", "0.00000001"),
    "FUND": ("0.001", "0.001", "0.001"),
}
STOCK_SIZES, WHOLE_SIZES = ("0.0001", "0.0001", "100"), ("1", "1", "1")
#: Types with an underlying.
DERIVED: frozenset[SecType] = frozenset(("OPT", "FUT", "FOP", "WAR", "IOPT", "CFD"))
#: Types whose underlying is a future.
ON_FUTURES: frozenset[SecType] = frozenset(("FOP",))


@dataclass(frozen=True, slots=True)
class Hours:
    """Hold the calendar's zone and hours, for contracts without their own, and the login's zone.

    `now` is in unix seconds.
    """

    zone: str
    sessions: str
    login_zone: str
    now: float


class LastTrade(NamedTuple):
    """Hold the last trade's day (YYYYMMDD), and its time and zone where TWS gives them."""

    day: str
    at: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Hold the details of one contract as asked for at one exchange, as TWS writes them."""

    contract: Contract
    exchange: str
    valid_exchanges: tuple[str, ...]
    market_rule_ids: tuple[str, ...]
    order_types: str
    long_name: str
    market_name: str
    zone: str
    trading_hours: str
    liquid_hours: str
    last_trade: LastTrade
    real_expiry: str
    contract_month: str
    under_con_id: int
    under_symbol: str
    under_sec_type: str
    stock_type: str
    industry: str
    category: str
    subcategory: str
    agg_group: str
    #: Tags and values, such as the ISIN.
    sec_ids: tuple[tuple[str, str], ...]
    sizes: tuple[str, str, str]


def details_of(contract: Contract, exchange: str, universe: Universe, hours: Hours) -> Details:
    """Return the details of a contract in the row of one exchange."""
    kind, listing = contract.sec_type, contract.listing
    exchanges = valid_exchanges(contract)
    underlying = universe.underlying(contract.moved_by)
    industry = underlying.industry if underlying else ""
    under = _underlying(contract, universe)
    rule = MARKET_RULES.get(contract.min_tick, OTHER_RULE)
    trading = listing.trading_hours
    liquid = trading if listing.liquid_hours is None else listing.liquid_hours
    return Details(
        contract=contract,
        exchange=exchange,
        valid_exchanges=exchanges,
        market_rule_ids=(str(rule),) * len(exchanges),
        order_types=ORDER_TYPES,
        long_name=_or(listing.long_name, contract.long_name),
        market_name=_or(listing.market_name, contract.trading_class),
        zone=_or(listing.time_zone, hours.zone),
        trading_hours=hours_text(_or(trading, hours.sessions), hours.now),
        liquid_hours=hours_text(_or(liquid, hours.sessions), hours.now),
        last_trade=_last_trade(contract, hours.login_zone or hours.zone),
        real_expiry=_or(listing.real_expiry, contract.expiry),
        contract_month=_or(listing.contract_month, contract.expiry[:6]),
        under_con_id=int(_or(listing.under_con_id, str(under[0]))),
        under_symbol=_or(listing.under_symbol, under[1]),
        under_sec_type=_or(listing.under_sec_type, under[2]),
        stock_type=_or(listing.stock_type, _stock_type(contract)),
        industry=_or(listing.industry, "Indices" if kind == "IND" else industry),
        category=_or(listing.category, industry),
        subcategory=_or(listing.subcategory, industry),
        agg_group=_or(listing.agg_group, _group(contract)),
        sec_ids=_sec_ids(contract),
        sizes=_sizes(contract),
    )


def _last_trade(contract: Contract, zone: str) -> LastTrade:
    """Return the last trade as TWS gives it: a future's in the login's zone, so that its day may be
    another one than the expiry.
    """
    given = contract.listing.last_trade
    if given is not None or contract.sec_type != "FUT":
        return LastTrade(contract.expiry if given is None else given)
    day = datetime.strptime(contract.expiry, "%Y%m%d")
    at = datetime.combine(day, FUTURES_TIME, NEW_YORK).astimezone(ZoneInfo(zone))
    return LastTrade(f"{at:%Y%m%d}", f"{at:%H:%M:%S}", zone)


def _or(given: str | None, derived: str) -> str:
    return derived if given is None else given


def _stock_type(contract: Contract) -> str:
    if contract.sec_type != "STK":
        return ""
    return "ETF" if contract.symbol in ETFS else "COMMON"


def _group(contract: Contract) -> str:
    if contract.sec_type in ("FUT", "FOP", "BOND", "BILL"):
        return NO_GROUP
    return "1" if contract.exchange == SMART else ""


def _underlying(contract: Contract, universe: Universe) -> tuple[int, str, str]:
    """Return id, symbol and type of what a contract is on; 0 and nothing where there is none."""
    kind = contract.sec_type
    if kind not in DERIVED:
        return 0, "", ""
    if kind in ON_FUTURES:
        listed = universe.of_symbol(contract.symbol)
        futures = [c for c in listed if c.sec_type == "FUT" and c.expiry >= contract.expiry]
        nearest = min(futures, key=lambda c: c.expiry, default=None)
        return (nearest.con_id if nearest else contract.under_con_id), contract.symbol, "FUT"
    if contract.reroute is not None:
        known = universe.get(contract.reroute.con_id)
        return contract.reroute.con_id, contract.symbol, known.sec_type if known else "STK"
    spot = universe.spot(contract.symbol, contract.currency)
    by_walk = "STK" if kind in ("WAR", "IOPT") else "IND"
    spot_id = contract.under_con_id or (spot.con_id if spot else 0)
    return spot_id, contract.symbol, spot.sec_type if spot else by_walk


def _sec_ids(contract: Contract) -> tuple[tuple[str, str], ...]:
    listing = contract.listing
    if listing.isin is not None:
        return (("ISIN", listing.isin),) if listing.isin else ()
    if contract.sec_type == "STK":
        return (("ISIN", isin_of(contract.currency, contract.con_id)),)
    return (("CUSIP", listing.cusip),) if listing.cusip and KINDS[contract.sec_type].has_par else ()


def _sizes(contract: Contract) -> tuple[str, str, str]:
    listing = contract.listing
    is_us_stock = contract.sec_type == "STK" and contract.currency == "USD"
    usual = STOCK_SIZES if is_us_stock else SIZES.get(contract.sec_type, WHOLE_SIZES)
    given = (listing.min_size, listing.size_step, listing.suggested_step)
    smallest, step, suggested = (
        _or(own, other) for own, other in zip(given, usual, strict=True)
    )  # fmt: skip
    return smallest, step, suggested
