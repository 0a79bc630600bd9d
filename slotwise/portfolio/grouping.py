"""Groups of the portfolio: by one or two of its properties, each group with its sums.

A row is in one group of each level. A contract of several strategies counts for the most important
of them, as in column `strategy` of the lake, unless legs say how much is whose: by strategy, a
holding is then a row of each share (`shares.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from slotwise.errors import InputError
from slotwise.exchange_rates import Rates
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.shares import divided
from slotwise.portfolio.sums import Cell, Sums, by_currency, cells_of, in_base, merged_cells

#: Names of groups of rows that have no strategy, none that expires, and no currency.
UNASSIGNED, NO_EXPIRY, NO_CURRENCY = "unassigned", "no expiry", "no currency"
#: Levels of groups at most.
LEVELS = 2

#: What rows are grouped by.
GROUPINGS: dict[str, Callable[[PortfolioRow], str]] = {
    "strategy": lambda row: row.strategy or UNASSIGNED,
    "underlying": lambda row: row.symbol,
    "expiry": lambda row: expiry_words(row.expiry),
    "account": lambda row: row.account,
    "kind": lambda row: row.sector,
    "currency": lambda row: row.currency or NO_CURRENCY,
}


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that share the properties named by `path`, with their sums and smaller groups."""

    path: tuple[str, ...]
    rows: tuple[PortfolioRow, ...]
    currencies: tuple[Sums, ...]
    bases: tuple[Sums, ...]
    groups: tuple[Group, ...] = ()


class Portfolio(msgspec.Struct, frozen=True, kw_only=True):
    """What is held at a time, in groups; `total` is the group of all rows."""

    at: datetime
    by: tuple[str, ...]
    total: Group


def read_grouping(text: str) -> tuple[str, ...]:
    """Return what `strategy,expiry` names; raises InputError."""
    names = tuple(filter(None, (word.strip().lower() for word in text.split(","))))
    for name in names:
        if name not in GROUPINGS:
            raise InputError(f"--by {name!r}: rows are grouped by {', '.join(GROUPINGS)}")
    if len(set(names)) != len(names) or len(names) > LEVELS:
        raise InputError(f"--by {text!r}: name at most {LEVELS} different ones, comma between")
    return names


def portfolio(
    rows: Iterable[PortfolioRow], rates: Rates, at: datetime, by: Sequence[str] = ()
) -> Portfolio:
    """Group rows and add each group up; groups are sorted by name, rows keep their order."""
    group, _ = _group((), tuple(rows), tuple(by), rates)
    return Portfolio(at=at, by=tuple(by), total=group)


def with_account_names(portfolio: Portfolio, name: Callable[[str], str]) -> Portfolio:
    """Return a portfolio that names accounts otherwise, as where they are masked."""
    names = {account: name(account) for account in {row.account for row in portfolio.total.rows}}
    if all(shown == account for account, shown in names.items()):
        return portfolio
    place = portfolio.by.index("account") if "account" in portfolio.by else -1

    def renamed(group: Group) -> Group:
        path = tuple(names[part] if at == place else part for at, part in enumerate(group.path))
        return msgspec.structs.replace(
            group,
            path=path,
            rows=tuple(
                msgspec.structs.replace(row, account=names[row.account]) for row in group.rows
            ),
            groups=tuple(map(renamed, group.groups)),
        )

    return msgspec.structs.replace(portfolio, total=renamed(portfolio.total))


def expiry_words(expiry: str) -> str:
    """Write an expiry as a date or a month: `2026-12-18`; sorted texts are sorted times."""
    if len(expiry) < len("202612"):
        return expiry or NO_EXPIRY
    parts = (expiry[:4], expiry[4:6], expiry[6:])
    return "-".join(filter(None, parts))


def _group(
    path: tuple[str, ...], rows: tuple[PortfolioRow, ...], by: tuple[str, ...], rates: Rates
) -> tuple[Group, dict[tuple[str, str], Cell]]:
    """Return a group, and its running sums for the group above it."""
    groups = []
    if by:
        property_of = GROUPINGS[by[0]]
        members: dict[str, list[PortfolioRow]] = {}
        for row in divided(rows) if by[0] == "strategy" else rows:
            members.setdefault(property_of(row), []).append(row)
        made = [
            _group((*path, name), tuple(members[name]), by[1:], rates) for name in sorted(members)
        ]
        groups = [group for group, _ in made]
        cells = merged_cells(part for _, part in made)
        if any(row.shares for row in rows):
            # A holding that strategies share is one holding.
            cells = cells_of(rows)
    else:
        cells = cells_of(rows)
    group = Group(
        path=path,
        rows=rows,
        currencies=by_currency(cells),
        bases=in_base(cells, rates),
        groups=tuple(groups),
    )
    return group, cells
