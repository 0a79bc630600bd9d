"""Sums of rows: each measure added up in one currency, and how many rows it lacks.

Rules:
* A sum adds the known numbers; how many rows it lacks is counted beside it.
* Sums in a base currency convert the sum of each account and currency by the account's rate, which
  is exact. Where there is no rate the rows count as lacking, except numbers of 0.
* `priced` counts the rows with a price, `oldest_price_at` is the oldest price among them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

import msgspec

from slotwise.exchange_rates import Rates
from slotwise.portfolio.row import PortfolioRow
from slotwise.precision import EXACT, MONEY_DECIMALS, rounded

NOTHING = Decimal(0)
#: What is added up, in the order of columns.
MEASURES = (
    "market_value",
    "day_pnl",
    "unrealized_pnl",
    "dollar_delta",
    "gamma",
    "vega",
    "theta",
)
_measures = attrgetter(*MEASURES)


class Amount(msgspec.Struct, frozen=True):
    """A sum of known numbers, and how many rows it lacks."""

    total: Decimal = NOTHING
    without: int = 0

    def known(self, holdings: int) -> Decimal | None:
        """Return the total over so many rows; None where every one lacks it, which is no 0."""
        return None if self.without and self.without >= holdings else self.total


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of rows in one currency."""

    currency: str
    #: True where amounts of other currencies were converted, by exchange rates.
    is_base: bool = False
    holdings: int = 0
    priced: int = 0
    oldest_price_at: datetime | None = None
    #: Rows whose profit and loss of the day assumes that they were held before the record begins.
    day_assumed: int = 0
    market_value: Amount
    day_pnl: Amount
    unrealized_pnl: Amount
    dollar_delta: Amount
    gamma: Amount
    vega: Amount
    theta: Amount
    #: Currencies without a rate, whose rows are in no sum; base currency alone.
    without_rate: tuple[str, ...] = ()
    oldest_rate_at: datetime | None = None

    def amount(self, measure: str) -> Amount:
        """Return one measure by its name."""
        found: Amount = getattr(self, measure)
        return found

    def known(self, measure: str) -> Decimal | None:
        """Return the total of a measure; None where every holding lacks it."""
        return self.amount(measure).known(self.holdings)


class Cell:
    """Running sums of rows of one account and one currency; cells are merged upwards."""

    __slots__ = ("assumed", "holdings", "nonzero", "oldest", "priced", "totals", "unknown")

    def __init__(self) -> None:
        self.holdings = self.priced = self.assumed = 0
        self.oldest: datetime | None = None
        self.totals = [NOTHING] * len(MEASURES)
        self.unknown = [0] * len(MEASURES)
        self.nonzero = [0] * len(MEASURES)

    def add(self, row: PortfolioRow) -> None:
        """Add a row."""
        self.holdings += 1
        self.assumed += row.day_assumed
        if row.price is not None:
            self.priced += 1
            self.oldest = _older(self.oldest, row.price_at)
        for place, number in enumerate(_measures(row)):
            if number is None:
                self.unknown[place] += 1
            elif number:
                self.nonzero[place] += 1
                self.totals[place] = EXACT.add(self.totals[place], number)

    def merge(self, other: Cell, rate: Decimal | None = Decimal(1)) -> None:
        """Add another cell, converted by a rate; None where there is no rate."""
        self.holdings += other.holdings
        self.priced += other.priced
        self.assumed += other.assumed
        self.oldest = _older(self.oldest, other.oldest)
        for place, total in enumerate(other.totals):
            self.unknown[place] += other.unknown[place]
            if rate is None:
                self.unknown[place] += other.nonzero[place]
                continue
            self.nonzero[place] += other.nonzero[place]
            self.totals[place] = EXACT.add(self.totals[place], EXACT.multiply(total, rate))

    def sums(self, currency: str, **more: object) -> Sums:
        """Return the sums, rounded once to the decimals of money."""
        amounts = {
            name: Amount(rounded(self.totals[place], MONEY_DECIMALS), self.unknown[place])
            for place, name in enumerate(MEASURES)
        }
        facts: dict[str, object] = {
            "currency": currency,
            "holdings": self.holdings,
            "priced": self.priced,
            "oldest_price_at": self.oldest,
            "day_assumed": self.assumed,
        }
        return Sums(**(facts | amounts | more))  # type: ignore[arg-type]  # fields of Sums by name


def cells_of(rows: Iterable[PortfolioRow]) -> dict[tuple[str, str], Cell]:
    """Add rows up by account and currency."""
    cells: dict[tuple[str, str], Cell] = {}
    for row in rows:
        key = (row.account, row.currency)
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = Cell()
        cell.add(row)
    return cells


def merged_cells(parts: Iterable[dict[tuple[str, str], Cell]]) -> dict[tuple[str, str], Cell]:
    """Add cells of several groups up."""
    found: dict[tuple[str, str], Cell] = {}
    for part in parts:
        for key, cell in part.items():
            found.setdefault(key, Cell()).merge(cell)
    return found


def by_currency(cells: dict[tuple[str, str], Cell]) -> tuple[Sums, ...]:
    """Return the sums of each currency, by its name."""
    found: dict[str, Cell] = {}
    for (_, currency), cell in cells.items():
        found.setdefault(currency, Cell()).merge(cell)
    return tuple(found[name].sums(name) for name in sorted(found))


def in_base(cells: dict[tuple[str, str], Cell], rates: Rates) -> tuple[Sums, ...]:
    """Return the sums of the accounts of each base currency, by its name.

    Accounts whose base currency is unknown are in none.
    """
    found: dict[str, Cell] = {}
    lacking: dict[str, set[str]] = {}
    oldest: dict[str, datetime | None] = {}
    for (account, currency), cell in cells.items():
        base = rates.base_of(account)
        if base is None:
            continue
        rate, at = Decimal(1), None
        if currency != base:
            known = rates.rate(account, currency)
            if known is None:
                lacking.setdefault(base, set()).add(currency)
                found.setdefault(base, Cell()).merge(cell, None)
                continue
            rate, at = known.rate, known.observed_at
        found.setdefault(base, Cell()).merge(cell, rate)
        oldest[base] = _older(oldest.get(base), at)
    return tuple(
        found[base].sums(
            base,
            is_base=True,
            without_rate=tuple(sorted(lacking.get(base, ()))),
            oldest_rate_at=oldest.get(base),
        )
        for base in sorted(found)
    )


def _older(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)
