"""A portfolio file: accounts and positions as JSON.

    {"accounts": [{"account": "DU1234567", "positions": [
        {"symbol": "SPY", "quantity": 100, "avg_cost": 455.2},
        {"symbol": "SPX", "sec_type": "OPT", "expiry": "20261218", "strike": 6000, "right": "P",
         "quantity": -2, "con_id": 700001, "multiplier": 100, "avg_cost": 4510.0},
        {"symbol": "ES", "sec_type": "FUT", "expiry": "20261218", "quantity": 1}
    ]}]}

A position needs `symbol` and `quantity`; an option `expiry`, `strike` and `right`, a future
`expiry`. What is left out is derived: `sec_type` from the other fields, `con_id` from the
contract's name, `multiplier` (100 for options), `avg_cost` (money per contract, multiplier
included) from the simulated market, `exchange` (a stock's primary exchange), `trading_class`,
`local_symbol` and `currency` (USD) as TWS has them. `price` sets where an underlying that the
simulator does not know starts to walk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from workers.simulator.book.position import Position
from workers.simulator.book.reader import Reader, read_json
from workers.simulator.errors import PortfolioError
from workers.simulator.instruments.contract import SMART, Contract, SecType
from workers.simulator.instruments.underlying import Underlying
from workers.simulator.instruments.universe import OPTION_MULTIPLIER, Universe
from workers.simulator.market.market import Market

#: Where an unknown underlying starts when nothing tells: a price like many.
UNKNOWN_PRICE = 100.0
UNKNOWN_VOL = 0.3
SPOTS = ("STK", "IND")
SEC_TYPES = ("STK", "OPT", "FUT", "IND")
#: Where futures and indices trade when the file does not tell.
DEFAULT_EXCHANGES = {"FUT": "CME", "IND": "CBOE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Hold one position as the file describes it; empty and 0 are to be derived."""

    where: str
    account: str
    symbol: str
    sec_type: str
    quantity: Decimal
    con_id: int
    expiry: str
    strike: float
    right: str
    multiplier: int
    currency: str
    exchange: str
    local_symbol: str
    trading_class: str
    avg_cost: float | None
    price: float


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Hold a file's accounts, in order, and their positions."""

    accounts: tuple[str, ...]
    entries: tuple[Entry, ...]

    def spot_ids(self) -> Mapping[str, int]:
        """Give the ids of stocks and indices that the file knows better than the catalogue."""
        return {e.symbol: e.con_id for e in self.entries if e.sec_type in SPOTS and e.con_id}


def read_portfolio(path: Path) -> Portfolio:
    """Read a portfolio file; raises PortfolioError that names the field."""
    source = f"portfolio {str(path)!r}"
    top = Reader(read_json(path), "the file", source)
    accounts = top.list_of("accounts")
    names: list[str] = []
    entries: list[Entry] = []
    for number, item in enumerate(accounts):
        account = Reader(item, f"accounts[{number}]", source)
        name = account.text("account")
        if name in names:
            raise account.wrong("account", f"{name} is there twice")
        names.append(name)
        entries += [
            read_entry(Reader(row, f"accounts[{number}].positions[{n}]", source), name)
            for n, row in enumerate(account.list_of("positions"))
        ]
    if not names:
        raise top.wrong("accounts", "must name at least one account")
    return Portfolio(tuple(names), tuple(entries))


def read_entry(row: Reader, account: str) -> Entry:
    """Read what describes one position; raises PortfolioError that names the field."""
    strike, right = row.number("strike", 0.0), row.text("right", "")[:1].upper()
    expiry = row.text("expiry", "")
    derived = "OPT" if right else "FUT" if expiry else "STK"
    sec_type = row.text("sec_type", derived)
    if sec_type not in SEC_TYPES:
        raise row.wrong("sec_type", f"must be one of {', '.join(SEC_TYPES)}")
    if sec_type in ("OPT", "FUT") and not (len(expiry) == 8 and row.is_date(expiry)):
        raise row.wrong("expiry", "must be a date like 20261218")
    if sec_type == "OPT" and right not in ("C", "P"):
        raise row.wrong("right", "must be C or P")
    if sec_type == "OPT" and strike <= 0:
        raise row.wrong("strike", "must be a price above 0")
    return Entry(
        where=row.where,
        account=account,
        symbol=row.text("symbol"),
        sec_type=sec_type,
        quantity=row.decimal("quantity"),
        con_id=row.integer("con_id", 0),
        expiry=expiry if sec_type in ("OPT", "FUT") else "",
        strike=strike if sec_type == "OPT" else 0.0,
        right=right if sec_type == "OPT" else "",
        multiplier=row.integer("multiplier", 0),
        currency=row.text("currency", ""),
        exchange=row.text("exchange", ""),
        local_symbol=row.text("local_symbol", ""),
        trading_class=row.text("trading_class", ""),
        avg_cost=row.number("avg_cost", None),
        price=row.number("price", 0.0),
    )


def list_portfolio(
    portfolio: Portfolio, universe: Universe, market: Market, now: float
) -> tuple[tuple[str, ...], list[Position]]:
    """List the contracts of a portfolio in the universe; return its accounts and positions."""
    # Ids that the file gives come before those that are made up for the same contract.
    for entry in sorted(portfolio.entries, key=lambda entry: not entry.con_id):
        _list_underlying(entry, universe)
        _contract(entry, universe)
    positions: dict[tuple[str, int], Position] = {}
    for entry in portfolio.entries:
        position = list_entry(entry, universe, market, now)
        key = (entry.account, position.contract.con_id)
        if key in positions:
            raise PortfolioError(f"{entry.where}: contract {key[1]} is held twice")
        if entry.quantity:
            positions[key] = position
    return portfolio.accounts, list(positions.values())


def list_entry(entry: Entry, universe: Universe, market: Market, now: float) -> Position:
    """List the contract of a position in the universe; return the position."""
    _list_underlying(entry, universe)
    contract = _contract(entry, universe)
    cost = entry.avg_cost
    if cost is None:
        cost = round(market.fair(contract, now) * contract.multiplier, 4)
    return Position(entry.account, contract, entry.quantity, cost)


def _list_underlying(entry: Entry, universe: Universe) -> None:
    """Make up an underlying that the catalogue does not know."""
    if universe.underlying(entry.symbol) is not None:
        return
    cost = entry.avg_cost or 0.0
    per_unit = cost / (entry.multiplier or 1) if entry.sec_type != "OPT" else 0.0
    sec_type: SecType = "STK"
    if entry.sec_type in ("FUT", "IND"):
        sec_type = "FUT" if entry.sec_type == "FUT" else "IND"
    universe.add_underlying(
        Underlying(
            symbol=entry.symbol,
            name=entry.symbol,
            sec_type=sec_type,
            exchange=entry.exchange or DEFAULT_EXCHANGES[sec_type] if sec_type != "STK" else SMART,
            primary_exchange=entry.exchange if entry.sec_type == "STK" else "",
            con_id=entry.con_id if entry.sec_type in SPOTS else 0,
            price=entry.price or entry.strike or per_unit or UNKNOWN_PRICE,
            own_vol=UNKNOWN_VOL,
            implied_vol=UNKNOWN_VOL,
            multiplier=entry.multiplier or 1,
        )
    )


def _contract(entry: Entry, universe: Universe) -> Contract:
    if entry.con_id:
        known = universe.get(entry.con_id)
        if known is not None and not _same(known, entry):
            raise PortfolioError(
                f"{entry.where}.con_id: {entry.con_id} is {known.local_symbol.strip()}"
            )
    if entry.sec_type == "OPT":
        contract = universe.option(
            entry.symbol,
            entry.expiry,
            entry.strike,
            "C" if entry.right == "C" else "P",
            con_id=entry.con_id,
            multiplier=entry.multiplier or OPTION_MULTIPLIER,
            trading_class=entry.trading_class,
        )
    elif entry.sec_type == "FUT":
        contract = universe.future(entry.symbol, entry.expiry, con_id=entry.con_id)
    else:
        contract = _spot(entry, universe)
    at_future = entry.exchange if entry.sec_type == "FUT" else ""
    at_stock = entry.exchange if entry.sec_type == "STK" else ""
    return universe.replace(
        replace(
            contract,
            currency=entry.currency or contract.currency,
            local_symbol=entry.local_symbol or contract.local_symbol,
            trading_class=entry.trading_class or contract.trading_class,
            multiplier=entry.multiplier or contract.multiplier,
            exchange=at_future or contract.exchange,
            primary_exchange=at_stock or contract.primary_exchange,
        )
    )


def _spot(entry: Entry, universe: Universe) -> Contract:
    known = universe.spot(entry.symbol)
    if known is None or (entry.con_id and known.con_id != entry.con_id):
        raise PortfolioError(
            f"{entry.where}.con_id: {entry.symbol} has id {known.con_id if known else 'none'}"
        )
    return known


def _same(known: Contract, entry: Entry) -> bool:
    mine = (entry.symbol, entry.sec_type, entry.expiry, entry.strike, entry.right)
    return mine == (known.symbol, known.sec_type, known.expiry, known.strike, known.right)
