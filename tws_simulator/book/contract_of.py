"""From what a portfolio file describes to one contract: what is left out is derived.

`base` is the contract as it is known already, from the catalogue or from another position: what
this description does not say stays as it is there.
"""

from __future__ import annotations

from decimal import Decimal

from tws_simulator.book.entry import Entry
from tws_simulator.book.exchanges_of import Exchanges, exchanges_of
from tws_simulator.book.walk_of import DOLLAR, PAR, is_american
from tws_simulator.errors import PortfolioError
from tws_simulator.instruments.contract import (
    MONTH_LETTERS,
    NO_QUOTE,
    Contract,
    future_local_symbol,
    option_local_symbol,
)
from tws_simulator.instruments.kinds import KINDS
from tws_simulator.instruments.listing import NOTHING
from tws_simulator.instruments.underlying import Underlying
from tws_simulator.instruments.universe import OPTION_MULTIPLIER, Universe

#: No quote of what is quoted in hundredths, such as pence (report).
NO_QUOTE_OF_PENCE, PENCE = -100.0, 100


def identity(entry: Entry, walk: str, universe: Universe) -> int:
    """Return the id of a contract: its own, or the one that its name has."""
    known = universe.get(entry.con_id) or universe.unknown(entry.con_id)
    if known is not None and not _same(known, entry):
        raise PortfolioError(
            f"{entry.where}.con_id: {entry.con_id} is {known.local_symbol.strip()}"
        )
    if not entry.con_id and entry.is_known and entry.sec_type in ("STK", "IND"):
        spot = universe.spot(entry.symbol, entry.currency or DOLLAR)
        if spot is not None and spot.sec_type == entry.sec_type:
            return spot.con_id
    return universe.id_of(_name(entry, walk, universe), entry.con_id)


def contract_of(
    entry: Entry, con_id: int, base: Contract | None, walk: str, universe: Universe
) -> Contract:
    """Return the contract that an entry describes."""
    underlying = universe.underlying(walk)
    assert underlying is not None
    kind = KINDS[entry.sec_type]
    currency = entry.currency or (base.currency if base else DOLLAR)
    magnifier = entry.price_magnifier or (base.price_magnifier if base else 1)
    spot = universe.spot(entry.symbol, currency) if entry.sec_type == "OPT" else None
    found = _exchanges(entry, base, underlying)
    pence = NO_QUOTE_OF_PENCE if magnifier == PENCE else NO_QUOTE
    no_quote = base.no_quote if base and not entry.price_magnifier else pence
    return Contract(
        con_id=con_id,
        symbol=entry.symbol,
        sec_type=entry.sec_type,
        local_symbol=entry.local_symbol
        or (base.local_symbol if base else _local_symbol(entry, con_id, underlying)),
        trading_class=entry.trading_class
        or (base.trading_class if base else _trading_class(entry, underlying)),
        exchange=found.exchange,
        primary_exchange=found.primary,
        currency=currency,
        expiry=entry.expiry,
        strike=entry.strike,
        right=entry.right,
        multiplier=entry.multiplier
        or (base.multiplier if base else _multiplier(entry, underlying)),
        min_tick=entry.min_tick or (base.min_tick if base else _min_tick(entry, underlying)),
        under_con_id=base.under_con_id if base else spot.con_id if spot else 0,
        long_name=base.long_name if base else underlying.name,
        price_magnifier=magnifier,
        par=entry.par or (base.par if base else PAR if kind.has_par else Decimal(0)),
        valid_exchanges=found.valid,
        data_exchanges=found.quoted,
        details_exchanges=found.rows,
        row_exchange=base.row_exchange
        if entry.row_exchange is None and base
        else entry.row_exchange,
        walk="" if walk == entry.symbol else walk,
        no_quote=no_quote if entry.no_quote is None else entry.no_quote,
        reroute=entry.reroute or (base.reroute if base else None),
        terms=entry.terms or (base.terms if base else None),
        listing=entry.listing or (base.listing if base else NOTHING),
    )  # fmt: skip


def _same(known: Contract, entry: Entry) -> bool:
    own = (entry.symbol, entry.sec_type, entry.expiry, entry.strike, entry.right)
    currency = entry.currency or known.currency
    others = (known.symbol, known.sec_type, known.expiry, known.strike, known.right)
    return own == others and currency == known.currency


def _exchanges(entry: Entry, base: Contract | None, underlying: Underlying) -> Exchanges:
    named = (entry.exchange, entry.valid_exchanges, entry.details_exchanges)
    if base is not None and not any(named):
        return Exchanges(
            base.exchange, base.primary_exchange, base.valid_exchanges, base.data_exchanges,
            base.details_exchanges,
        )  # fmt: skip
    return exchanges_of(entry, underlying)


def _name(entry: Entry, walk: str, universe: Universe) -> str:
    """Return what distinguishes a contract from all others."""
    underlying = universe.underlying(walk)
    assert underlying is not None
    if not entry.is_known:
        return f"unknown {walk} {entry.expiry} {entry.strike:g} {entry.right}"
    multiplier = entry.multiplier or _multiplier(entry, underlying)
    local_symbol = _local_symbol(entry, 0, underlying)
    if entry.sec_type == "OPT" and is_american(entry) and not entry.exchange:
        return f"OPT {entry.symbol} {local_symbol} {multiplier:f}"
    if entry.sec_type == "FUT" and is_american(entry):
        usual = multiplier == _multiplier_of(underlying)
        return f"FUT {local_symbol} {entry.expiry}" + ("" if usual else f" {multiplier:f}")
    return " ".join(
        map(
            str,
            (entry.sec_type, walk, entry.exchange, entry.local_symbol or local_symbol,
             entry.expiry, entry.strike, entry.right, f"{multiplier:f}"),
        )
    )  # fmt: skip


def _local_symbol(entry: Entry, con_id: int, underlying: Underlying) -> str:
    kind = entry.sec_type
    trading_class = _trading_class(entry, underlying)
    if kind == "OPT":
        return option_local_symbol(trading_class, entry.expiry, entry.right, entry.strike)
    if kind == "FUT":
        return future_local_symbol(entry.symbol, entry.expiry)
    if kind == "FOP":
        month = MONTH_LETTERS[int(entry.expiry[4:6]) - 1] + entry.expiry[3]
        return f"{trading_class}{month} {entry.right}{entry.strike:g}"
    if kind in ("CASH", "CRYPTO"):
        return f"{entry.symbol}.{entry.currency or DOLLAR}"
    if KINDS[kind].has_par:
        return f"IBCID{con_id}"
    return entry.symbol


def _trading_class(entry: Entry, underlying: Underlying) -> str:
    if entry.trading_class:
        return entry.trading_class
    if entry.sec_type == "OPT":
        return underlying.option_class or entry.symbol
    if entry.sec_type == "CASH":
        return f"{entry.symbol}.{entry.currency or DOLLAR}"
    return "NMS" if entry.sec_type == "STK" and entry.exchange == "NASDAQ" else entry.symbol


def _multiplier(entry: Entry, underlying: Underlying) -> Decimal:
    if entry.sec_type == "OPT":
        return OPTION_MULTIPLIER
    return _multiplier_of(underlying) if entry.sec_type in ("FUT", "FOP") else Decimal(1)


def _multiplier_of(underlying: Underlying) -> Decimal:
    return underlying.multiplier if underlying.sec_type == "FUT" else Decimal(1)


def _min_tick(entry: Entry, underlying: Underlying) -> float:
    if entry.sec_type == "OPT":
        return underlying.option_tick
    if entry.sec_type in ("FUT", "FOP") and underlying.sec_type == "FUT":
        return underlying.min_tick
    return KINDS[entry.sec_type].min_tick
