"""A portfolio file: accounts, what they hold, and what else exists, as JSON.

    {"accounts": [{"account": "DU1234567", "positions": [
        {"symbol": "SPY", "quantity": 100, "avg_cost": 455.2},
        {"symbol": "SPX", "sec_type": "OPT", "expiry": "20261218", "strike": 6000, "right": "P",
         "quantity": -2, "con_id": 700001, "multiplier": 100, "avg_cost": 4510.0},
        {"symbol": "ES", "sec_type": "FUT", "expiry": "20261218", "quantity": 1},
        {"symbol": "RR.", "currency": "GBP", "exchange": "LSE", "price_magnifier": 100,
         "quantity": 1000, "avg_cost": 9.2, "quote": {"bid": 921.4, "ask": 921.8}}
     ]}],
     "contracts": [{"symbol": "NVDA", "con_id": 4815747}],
     "base_currency": "USD", "exchange_rates": {"GBP": 1.33}, "unnamed_rates": ["KRW"],
     "login_zone": "Europe/Zurich"}

`accounts` is needed. `contracts` exist without a holder. `exchange_rates` are what one unit is
worth in the base currency; of those in `unnamed_rates` the account's values name no rate.
`login_zone` is the zone in which TWS writes times of last trades.
`book.entry` has the fields of a position; a position needs `symbol` and `quantity`. What is left
out is derived: `sec_type` from the other fields, `con_id` from the contract's name, `multiplier`
(100 for options), `avg_cost` (money per contract, multiplier included) from the market, exchanges
from the type. A quantity of 0 is a row of 0. What is not known is an error, never ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from tws_simulator.book.entry import Entry, read_entry
from tws_simulator.book.rates import BASE, Rates
from tws_simulator.book.reader import Reader, read_json
from tws_simulator.errors import PortfolioError

SPOTS = ("STK", "IND")
TOP_FIELDS = frozenset(
    ("accounts", "contracts", "base_currency", "exchange_rates", "unnamed_rates", "login_zone")
)
ACCOUNT_FIELDS = frozenset(("account", "positions"))


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Hold a file's accounts, in order, their positions, and contracts that are not held."""

    accounts: tuple[str, ...]
    entries: tuple[Entry, ...]
    contracts: tuple[Entry, ...] = ()
    rates: Rates = field(default_factory=Rates)
    login_zone: str = ""

    def spot_ids(self) -> Mapping[tuple[str, str], int]:
        """Return ids of US stocks and indices for which the file goes before the catalogue.

        They are by type and symbol.
        """
        return {
            (e.sec_type, e.symbol): e.con_id
            for e in (*self.entries, *self.contracts)
            if e.sec_type in SPOTS and e.con_id and e.is_known and e.currency in ("", "USD")
        }


def read_portfolio(path: Path) -> Portfolio:
    """Read a portfolio file; raises PortfolioError that names the field."""
    return portfolio_of(read_json(path), f"portfolio {str(path)!r}")


def portfolio_of(content: object, source: str) -> Portfolio:
    """Read what a portfolio file holds; `source` is its name in errors."""
    top = Reader(content, "the file", source)
    top.check_names(TOP_FIELDS, TOP_FIELDS, "the file")
    names: list[str] = []
    entries: list[Entry] = []
    for number, item in enumerate(top.list_of("accounts")):
        account = Reader(item, f"accounts[{number}]", source)
        name = _account(account)
        if name in names:
            raise account.wrong("account", f"{name} is there twice")
        names.append(name)
        entries += [
            read_entry(Reader(row, f"accounts[{number}].positions[{n}]", source), name)
            for n, row in enumerate(account.list_of("positions"))
        ]
    if not names:
        raise top.wrong("accounts", "must name at least one account")
    contracts = tuple(
        read_entry(Reader(row, f"contracts[{n}]", source), "", held=False)
        for n, row in enumerate(top.list_of("contracts", []))
    )
    rates = _rates(top)
    for entry in (*entries, *contracts):
        if entry.currency and not rates.knows(entry.currency):
            raise PortfolioError(
                f"{source}: {entry.where}.currency: {entry.currency} has no rate in exchange_rates"
            )
    return Portfolio(tuple(names), tuple(entries), contracts, rates, _zone(top))


def _account(account: Reader) -> str:
    account.check_names(ACCOUNT_FIELDS, ACCOUNT_FIELDS, "an account")
    name = account.text("account")
    if not name.isascii() or not name.isalnum():
        raise account.wrong("account", "must be a name of letters and digits")
    return name


def _rates(top: Reader) -> Rates:
    base = top.name("base_currency") or BASE
    given: dict[str, Decimal] = {}
    rates = top.child("exchange_rates")
    for currency in rates.given if rates is not None else ():
        assert rates is not None
        rate = rates.above_0(currency)
        if rate is None or currency == base:
            raise rates.wrong(currency, "must be the rate of another currency than the base")
        given[currency] = rate
    known = Rates(base, given, _read_unnamed(top, base))
    if not known.knows(BASE):
        raise top.wrong("base_currency", f"{base} needs the rate of {BASE} in exchange_rates")
    return known


def _read_unnamed(top: Reader, base: str) -> tuple[str, ...]:
    names = top.names("unnamed_rates")
    if base in names:
        raise top.wrong("unnamed_rates", f"{base} is the base currency")
    return names


def _zone(top: Reader) -> str:
    name = top.text("login_zone", "")
    if name:
        try:
            ZoneInfo(name)
        except (OSError, ValueError, LookupError):
            raise top.wrong("login_zone", "must be a zone such as Europe/Zurich") from None
    return name
