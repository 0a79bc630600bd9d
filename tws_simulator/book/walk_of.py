"""What moves the price of a contract that a portfolio file describes.

US stocks, indices, futures and their options move with their symbol, as the catalogue's do. The
same types in other currencies and units move with symbol, currency and magnifier, so that an
option follows its share. All else moves by itself.
"""

from __future__ import annotations

from decimal import Decimal
from math import isfinite

from tws_simulator.book.entry import Entry
from tws_simulator.book.position import known_cost
from tws_simulator.book.rates import Rates
from tws_simulator.instruments.contract import PERCENT
from tws_simulator.instruments.kinds import KINDS, SMART, SecType
from tws_simulator.instruments.underlying import Underlying
from tws_simulator.instruments.universe import Universe

#: Where an unknown underlying starts without further facts: a usual price, and debt at par.
UNKNOWN_PRICE = 100.0
#: Money that one piece of a bond or bill repays (most of them, as users report).
PAR = Decimal(1000)
DOLLAR = "USD"
#: Types that move with their symbol.
BY_SYMBOL: frozenset[SecType] = frozenset(("STK", "IND", "OPT", "FUT", "FOP"))
#: Types of which several have the same symbol and currency.
SEVERAL: frozenset[SecType] = frozenset(("BOND", "BILL", "BAG", "IOPT", "WAR"))


def walk_of(entry: Entry, universe: Universe, rates: Rates) -> str:
    """Return the name of what moves a contract; it is made up where the universe has none."""
    name = _name(entry, universe)
    if universe.underlying(name) is None:
        made = _make_up(entry, name, rates)
        if name == entry.symbol and entry.is_known:
            # An option alone brings its stock with it.
            universe.add_underlying(made)
        else:
            universe.add_walk(made)
    return name


def is_american(entry: Entry) -> bool:
    """Return True for what is quoted in dollars, and in whole ones."""
    return entry.currency in ("", DOLLAR) and entry.price_magnifier <= 1


def _name(entry: Entry, universe: Universe) -> str:
    parts: list[object] = [entry.symbol, entry.currency or DOLLAR, max(entry.price_magnifier, 1)]
    if not entry.is_known:
        return " ".join(map(str, ("unknown", entry.sec_type, *parts, entry.con_id)))
    if entry.reroute is not None:
        target = universe.get(entry.reroute.con_id)
        if target is not None:
            return target.moved_by
    if entry.sec_type in BY_SYMBOL:
        return entry.symbol if is_american(entry) else " ".join(map(str, parts))
    if entry.sec_type in SEVERAL:
        parts += [entry.con_id, entry.local_symbol, entry.expiry]
    return " ".join(map(str, (entry.sec_type, *parts)))


def _make_up(entry: Entry, name: str, rates: Rates) -> Underlying:
    kind = KINDS[entry.sec_type]
    sec_type: SecType = entry.sec_type if entry.sec_type in ("FUT", "IND") else "STK"
    if entry.sec_type == "FOP":
        sec_type = "FUT"
    is_stock = sec_type == "STK"
    return Underlying(
        symbol=name,
        name=entry.symbol,
        sec_type=sec_type,
        exchange=SMART if is_stock else entry.exchange or KINDS[sec_type].exchange,
        primary_exchange=entry.exchange if entry.sec_type == "STK" else "",
        con_id=entry.con_id if entry.sec_type in ("STK", "IND") else 0,
        price=_price(entry, rates),
        beta=kind.beta,
        own_vol=kind.vol,
        implied_vol=kind.vol,
        multiplier=entry.multiplier or Decimal(1),
    )


def _price(entry: Entry, rates: Rates) -> float:
    """Return where the price starts: what is given, else what was paid, else a price like many."""
    if entry.price:
        return entry.price
    if entry.right:
        return entry.strike
    candidates = (
        entry.quote.mark if entry.quote is not None else None,
        _price_paid(entry),
        _rate(entry, rates),
    )
    return next((price for price in candidates if price and price > 0), UNKNOWN_PRICE)


def _price_paid(entry: Entry) -> float | None:
    """Return the price at which the average cost was paid."""
    cost = None if entry.avg_cost is None else known_cost(entry.avg_cost)
    if cost is None:
        return None
    if KINDS[entry.sec_type].has_par:
        per_point = (entry.par or PAR) / PERCENT
    else:
        per_point = (entry.multiplier or Decimal(1)) / max(entry.price_magnifier, 1)
    price = float(cost / per_point)
    return price if isfinite(price) else None


def _rate(entry: Entry, rates: Rates) -> float | None:
    """Return the rate of a currency pair."""
    quoted = entry.currency or DOLLAR
    if entry.sec_type != "CASH" or not (rates.knows(entry.symbol) and rates.knows(quoted)):
        return None
    return float(rates.rate(entry.symbol) / rates.rate(quoted))
