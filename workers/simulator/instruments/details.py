"""What TWS tells of a contract beyond its name."""

from __future__ import annotations

from dataclasses import dataclass

from workers.simulator.instruments.contract import SMART, Contract
from workers.simulator.instruments.query import valid_exchanges
from workers.simulator.instruments.universe import Universe

#: Order types, as far as anybody here would use them.
ORDER_TYPES = "ACTIVETIM,AD,ADJUST,ALERT,DAY,GTC,LIMIT,LMT,MKT,STP,STPLMT,TRAIL,WHATIF"
#: TWS's number for "no group" (Integer.MAX_VALUE), which futures carry.
NO_GROUP = "2147483647"
#: Market rules: numbers that stand for the increments of prices, by increment.
MARKET_RULES = {0.01: 26, 0.05: 110, 0.25: 67}
#: Time of a last trade, in the zone of the details, which is New York's for all.
LAST_TRADE_TIME = {"OPT": "16:00:00", "FUT": "09:30:00"}
#: Code of the exchanges behind SMART's best bid and offer, as captured from TWS.
BBO_EXCHANGE = "9c0001"
ETFS = frozenset(("SPY", "QQQ", "IWM", "GLD", "TLT", "XLF", "DIA"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Hold the details of one contract as asked for at one exchange."""

    contract: Contract
    exchange: str
    valid_exchanges: tuple[str, ...]
    market_rule_ids: tuple[str, ...]
    order_types: str
    zone: str
    trading_hours: str
    liquid_hours: str
    last_trade_time: str
    under_symbol: str
    under_sec_type: str
    stock_type: str
    industry: str
    category: str
    subcategory: str
    agg_group: str
    min_size: int = 1
    size_increment: int = 1
    suggested_increment: int = 100


def details_of(
    contract: Contract, exchange: str, universe: Universe, hours: str, zone: str
) -> Details:
    """Describe a contract; `exchange` is where it was asked for, if anywhere."""
    kind = contract.sec_type
    exchanges = valid_exchanges(contract)
    underlying = universe.underlying(contract.symbol)
    spot = universe.spot(contract.symbol)
    industry = underlying.industry if underlying else ""
    return Details(
        contract=contract,
        exchange=exchange or contract.exchange,
        valid_exchanges=exchanges,
        market_rule_ids=(str(MARKET_RULES[contract.min_tick]),) * len(exchanges),
        order_types=ORDER_TYPES,
        zone=zone,
        trading_hours=hours,
        liquid_hours=hours,
        last_trade_time=LAST_TRADE_TIME.get(kind, ""),
        under_symbol=contract.symbol if kind in ("OPT", "FUT") else "",
        under_sec_type=(spot.sec_type if spot else "IND") if kind in ("OPT", "FUT") else "",
        stock_type=("ETF" if contract.symbol in ETFS else "COMMON") if kind == "STK" else "",
        industry="Indices" if kind == "IND" else industry,
        category=industry,
        subcategory=industry,
        agg_group=NO_GROUP if kind == "FUT" else "1" if contract.exchange == SMART else "",
        suggested_increment=100 if kind == "STK" else 1,
    )
