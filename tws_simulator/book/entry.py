"""One holding of a portfolio file: which fields there are, and what each type of contract has.

A field that is not known, or that the type of contract does not have, is an error.

| fields                                             | of                                        |
|----------------------------------------------------|-------------------------------------------|
| symbol, quantity                                   | all, needed                               |
| sec_type, con_id, currency, local_symbol,          | all                                       |
| trading_class, avg_cost, multiplier, price_magnifier |                                         |
| expiry                                             | what expires; the maturity of debt        |
| strike, right                                      | OPT, FOP, WAR, IOPT                       |
| par                                                | BOND, BILL                                |
| exchange                                           | its own exchange, a stock's primary one   |
| row_exchange                                       | what the position row names               |
| known                                              | false: TWS has no definition of it        |
| price                                              | where the simulated price starts          |
| valid_exchanges, data_exchanges, details_exchanges | what is known: see `Contract`             |
| min_tick, details                                  | what is known: see `Listing`              |
| quote, no_quote                                    | what is known: see `FixedQuote`           |
| data                                               | what is known: see `DataTerms`            |
| reroute                                            | CFD                                       |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tws_simulator.book.details_reader import read_listing
from tws_simulator.book.quote_reader import read_quote, read_reroute, read_terms
from tws_simulator.book.reader import Reader
from tws_simulator.errors import PortfolioError
from tws_simulator.instruments.contract import Reroute
from tws_simulator.instruments.kinds import KINDS, SEC_TYPES, Kind, SecType
from tws_simulator.instruments.listing import Listing
from tws_simulator.instruments.terms import DataTerms
from tws_simulator.market.fixed import FixedQuote

#: Fields of a holding; a contract that is not held has the others alone.
HOLDING = frozenset(("quantity", "avg_cost"))
OF_ALL = frozenset(
    ("symbol", "sec_type", "con_id", "currency", "local_symbol", "trading_class", "multiplier",
     "price_magnifier", "exchange", "row_exchange", "known", "price")
)  # fmt: skip
#: Fields that TWS answers with: it answers nothing on a contract that it does not have.
OF_KNOWN = frozenset(
    ("valid_exchanges", "data_exchanges", "details_exchanges", "min_tick", "details", "quote",
     "no_quote", "data")
)  # fmt: skip
EXPIRY = frozenset(("expiry",))
OPTION = frozenset(("strike", "right"))
PAR = frozenset(("par",))
REROUTE = frozenset(("reroute",))
FIELDS = HOLDING | OF_ALL | OF_KNOWN | EXPIRY | OPTION | PAR | REROUTE
#: Prices that TWS sends for a side without a quote, with size 0 (recorded, reports).
NO_QUOTES = (-1.0, 0.0, -100.0)
#: Types that TWS does not have, unless the file has other settings.
UNKNOWN_TYPES: frozenset[SecType] = frozenset(("SLB",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Hold one contract as the file describes it, and how much of it an account holds.

    Empty, 0 and None are to be derived. `given` are the fields as they were, without the holding.
    """

    where: str
    account: str
    symbol: str
    sec_type: SecType
    quantity: Decimal
    avg_cost: float | None
    con_id: int
    expiry: str
    strike: float
    right: Literal["", "C", "P"]
    multiplier: Decimal | None
    price_magnifier: int
    par: Decimal | None
    currency: str
    exchange: str
    row_exchange: str | None
    local_symbol: str
    trading_class: str
    price: float
    is_known: bool
    valid_exchanges: tuple[str, ...]
    data_exchanges: tuple[str, ...]
    details_exchanges: tuple[str, ...]
    min_tick: float | None
    listing: Listing | None
    quote: FixedQuote | None
    no_quote: float | None
    terms: DataTerms | None
    reroute: Reroute | None
    given: Mapping[str, object]


def read_entry(row: Reader, account: str, *, held: bool = True) -> Entry:
    """Read what describes one contract; raises PortfolioError that names the field."""
    right = row.text("right", "")[:1].upper()
    derived = "OPT" if right else "FUT" if row.has("expiry") else "STK"
    sec_type: SecType = row.one_of("sec_type", SEC_TYPES, derived)
    kind = KINDS[sec_type]
    is_known = row.flag("known", default=sec_type not in UNKNOWN_TYPES)
    _check_fields(row, sec_type, is_known=is_known, held=held)
    magnifier = row.integer("price_magnifier", 1)
    if not magnifier:
        raise row.wrong("price_magnifier", "must be 1 or more")
    tick = row.above_0("min_tick")
    price = row.above_0("price")
    valid, quoted = _exchanges(row)
    entry = Entry(
        where=row.where,
        account=account,
        symbol=row.text("symbol"),
        sec_type=sec_type,
        quantity=row.decimal("quantity") if held else Decimal(0),
        avg_cost=row.cost("avg_cost"),
        con_id=row.integer("con_id", 0),
        expiry=_expiry(row, kind),
        strike=_strike(row, kind),
        right=_right(row, kind, right),
        multiplier=row.above_0("multiplier"),
        price_magnifier=magnifier if row.has("price_magnifier") else 0,
        par=row.above_0("par"),
        currency=row.name("currency"),
        exchange=row.name("exchange"),
        row_exchange=row.name("row_exchange") if row.has("row_exchange") else None,
        local_symbol=row.text("local_symbol", ""),
        trading_class=row.text("trading_class", ""),
        price=float(price or 0),
        is_known=is_known,
        valid_exchanges=valid,
        data_exchanges=quoted,
        details_exchanges=row.names("details_exchanges"),
        min_tick=None if tick is None else float(tick),
        listing=read_listing(row.child("details"), has_par=kind.has_par),
        quote=read_quote(row.child("quote"), is_index=sec_type == "IND"),
        no_quote=_no_quote(row),
        terms=read_terms(row.child("data")),
        reroute=read_reroute(row.child("reroute")),
        given={name: value for name, value in row.given.items() if name not in HOLDING},
    )
    _check_details_exchanges(row, entry)
    return entry


def _check_fields(row: Reader, sec_type: SecType, *, is_known: bool, held: bool) -> None:
    kind = KINDS[sec_type]
    of_type = OF_ALL | (HOLDING if held else frozenset())
    of_type |= EXPIRY if kind.expires != "never" else frozenset()
    of_type |= OPTION if kind.has_strike else frozenset()
    of_type |= PAR if kind.has_par else frozenset()
    if not is_known:
        row.check_names(of_type, FIELDS, f"a {sec_type} that TWS does not know")
        return
    of_type |= OF_KNOWN | (REROUTE if sec_type == "CFD" else frozenset())
    row.check_names(of_type, FIELDS, f"a {sec_type}" if held else f"a {sec_type} that is not held")


def _expiry(row: Reader, kind: Kind) -> str:
    expiry = row.text("expiry", "")
    if (expiry or kind.expires == "must") and not row.is_date(expiry):
        raise row.wrong("expiry", "must be a date like 20261218")
    return expiry


def _strike(row: Reader, kind: Kind) -> float:
    strike = row.number("strike", 0.0)
    if kind.has_strike and strike <= 0:
        raise row.wrong("strike", "must be a price above 0")
    return strike


def _right(row: Reader, kind: Kind, right: str) -> Literal["", "C", "P"]:
    if not kind.has_strike:
        return ""
    if right == "C":
        return "C"
    if right == "P":
        return "P"
    raise row.wrong("right", "must be C or P")


def _exchanges(row: Reader) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read where a contract is listed, and where it is quoted, which must be among the former."""
    listed, quoted = row.names("valid_exchanges"), row.names("data_exchanges")
    exchange = row.name("exchange")
    if quoted and not listed:
        raise row.wrong("data_exchanges", "needs valid_exchanges, which it is a part of")
    if listed and exchange and exchange not in listed:
        raise row.wrong("valid_exchanges", f"must have {exchange} among them, its own exchange")
    for name in quoted:
        if name not in listed:
            raise row.wrong("data_exchanges", f"{name} is not among the valid_exchanges")
    return listed, quoted


def _check_details_exchanges(row: Reader, entry: Entry) -> None:
    for name in entry.details_exchanges:
        if entry.valid_exchanges and name not in entry.valid_exchanges:
            raise row.wrong("details_exchanges", f"{name} is not among the valid_exchanges")


def _no_quote(row: Reader) -> float | None:
    if not row.has("no_quote"):
        return None
    price = row.number("no_quote", 0.0)
    if price not in NO_QUOTES:
        raise row.wrong("no_quote", "must be -1, 0 or -100")
    return price


def check_same(entry: Entry, other: Entry) -> None:
    """Raise PortfolioError where two entries describe one contract in different ways."""
    for name, value in entry.given.items():
        if name in other.given and other.given[name] != value:
            raise PortfolioError(
                f"{entry.where}.{name}: {other.where} gives the same contract another one"
            )
