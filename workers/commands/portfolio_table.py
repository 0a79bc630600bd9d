"""The portfolio as lines of text: sums, groups and rows in one table that fits a width. Pure.

Rules:
* Columns are chosen by the view's order while they fit; a number is never cut.
* The sums of everything come first, then each group with its sums, then its rows.
* A group in several currencies shows its base currency where that is known, else each currency.
* A group with one group in it is one line, with both names.
* Lines are made one after another, so that a pager shows the first ones at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from operator import attrgetter
from zoneinfo import ZoneInfo

import msgspec
from rich.cells import cell_len, set_cell_size

from slotwise.portfolio.grouping import NO_CURRENCY, NO_EXPIRY, Group, Portfolio
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.sums import MEASURES, Sums
from slotwise.portfolio.words import UNKNOWN
from slotwise.printable import printable
from workers.screen.portfolio_cells import (
    COLUMNS,
    VIEWS,
    Cell,
    Column,
    Scene,
    number_text,
)
from workers.screen.words import cut_name

#: Spaces between two columns, and before the name of a group or row within another.
GAP, INDENT = 2, 2
#: Room for names: at least, and at most. `SPX 20261218 P 6640` within a group has the least.
NAME_LEAST, NAME_MOST = 21, 40
#: Of a narrow screen names have this share at least: one of three.
NAME_SHARE = 3
#: Width from which money is shown with cents.
CENTS_FROM = 110
BOLD = "1"
#: The number of a row that a column shows; other columns show words.
FIELDS = {
    "quantity": "quantity", "price": "price", "value": "market_value", "day": "day_pnl",
    "unrealised": "unrealized_pnl", "delta": "dollar_delta", "gamma": "gamma", "vega": "vega",
    "theta": "theta",
}  # fmt: skip

#: Columns that say nothing of sums.
OF_ROWS = ("quantity", "spot", "band", "source", "time", "id")


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How the table is shown."""

    width: int = 80
    view: str = "money"
    zone: ZoneInfo = ZoneInfo("UTC")
    zone_name: str = "UTC"
    with_rows: bool = True
    coloured: bool = False


class Line(msgspec.Struct, frozen=True):
    """One line before its layout: a name, and what its cells are of."""

    name: str
    level: int
    of: Sums | PortfolioRow
    is_heading: bool = False


def chosen_columns(portfolio: Portfolio, look: Look) -> list[tuple[str, int]]:
    """Return the columns that fit, each with its width, in the order of COLUMNS."""
    sums = list(_lines(portfolio, with_rows=False))
    rows = portfolio.total.rows if look.with_rows else ()
    return _chosen(sums, rows, _scene(portfolio, look), look)


def measures_in(names: Sequence[tuple[str, int]]) -> list[str]:
    """Return the measures that columns show."""
    fields = (FIELDS.get(name) for name, _ in names)
    return [field for field in fields if field in MEASURES]


def _scene(portfolio: Portfolio, look: Look) -> Scene:
    return Scene(portfolio.at, look.zone, 2 if look.width >= CENTS_FROM else 0)


def table_lines(
    portfolio: Portfolio, look: Look, names: Sequence[tuple[str, int]] | None = None
) -> Iterator[str]:
    """Yield the lines of the table, its header first, with these columns or those that fit."""
    names = chosen_columns(portfolio, look) if names is None else names
    scene = _scene(portfolio, look)
    sums = list(_lines(portfolio, with_rows=False))
    rows = portfolio.total.rows if look.with_rows else ()
    columns = [COLUMNS[name] for name, _ in names]
    widths = [width for _, width in names]
    room = look.width - sum(widths) - GAP * len(widths)
    room = min(room, _longest_name(sums, rows), NAME_MOST)
    headers = [
        _fit(Cell(column.header), width, column)
        for column, width in zip(columns, widths, strict=True)
    ]
    yield _paint(_join(" " * room, headers), BOLD, look)
    lines = _lines(portfolio, with_rows=True) if look.with_rows else iter(sums)
    for line in lines:
        cells = [_cell(column, line, scene) for column in columns]
        name = _name(" " * INDENT * line.level + printable(line.name), room)
        texts = [
            _paint(_fit(cell, width, column), cell.colour, look)
            for cell, width, column in zip(cells, widths, columns, strict=True)
        ]
        yield _join(_paint(name, BOLD if line.is_heading else "", look), texts)


def _lines(portfolio: Portfolio, *, with_rows: bool) -> Iterator[Line]:
    total = portfolio.total
    yield from _sums_lines("total", total, 0, every=True)
    if portfolio.by:
        for group in total.groups:
            yield from _group_lines(group, 0, with_rows)
    elif with_rows:
        yield from (Line(row.contract, 0, row) for row in total.rows)


def _group_lines(group: Group, level: int, with_rows: bool) -> Iterator[Line]:
    name = group.path[-1]
    if len(group.groups) == 1:
        # Two lines would say the same.
        [group] = group.groups
        name = f"{name} {group.path[-1]}" if group.path[-1] != NO_EXPIRY else name
    yield from _sums_lines(name, group, level, every=False)
    for inner in group.groups:
        yield from _group_lines(inner, level + 1, with_rows)
    if with_rows and not group.groups:
        yield from (Line(row.contract, level + 1, row) for row in group.rows)


def _sums_lines(name: str, group: Group, level: int, *, every: bool) -> Iterator[Line]:
    """Yield a line for each currency, and for the base currency where there are several."""
    currencies, bases = group.currencies, group.bases
    several = len(currencies) > 1
    if not several:
        for sums in currencies:
            # Where all is in one currency no column says which.
            named = f"{name} {sums.currency or NO_CURRENCY}" if every else name
            yield Line(named, level, sums, True)
        if every:
            for sums in bases:
                if not currencies or sums.currency != currencies[0].currency:
                    yield Line(f"in {sums.currency}", level, sums, True)
        return
    if bases and not every and all(not sums.without_rate for sums in bases):
        for sums in bases:
            yield Line(name, level, sums, True)
        return
    for sums in currencies:
        yield Line(f"{name} {sums.currency or NO_CURRENCY}", level, sums, True)
    for sums in bases:
        yield Line(f"{name} in {sums.currency}", level, sums, True)


def _chosen(
    sums: Sequence[Line], rows: Sequence[PortfolioRow], scene: Scene, look: Look
) -> list[tuple[str, int]]:
    accounts = {row.account for row in rows}
    currencies = {line.of.currency for line in sums}
    #: Columns that would say the same on every line.
    alike = {
        name
        for name, values in (("account", accounts), ("currency", currencies))
        if len(values) < 2
    }
    least = min(NAME_LEAST, look.width // NAME_SHARE)
    left = look.width - min(least, _longest_name(sums, rows))
    taken: dict[str, int] = {}
    for name in _order(rows, look):
        if name in alike or left < GAP + len(COLUMNS[name].header):
            continue
        if not look.with_rows and name in OF_ROWS:
            continue
        width = _width(name, sums, rows, scene)
        if width and width + GAP <= left:
            taken[name] = width
            left -= width + GAP
    return [(name, taken[name]) for name in COLUMNS if name in taken]


def _width(name: str, sums: Sequence[Line], rows: Sequence[PortfolioRow], scene: Scene) -> int:
    """Return the width of a column: of its header and of its widest cell; 0 of an empty one."""
    column = COLUMNS[name]
    texts = [_cell(column, line, scene).text for line in sums]
    field = FIELDS.get(name)
    if field is None:
        texts += {column.of_row(row, scene).text for row in rows}
        return _widest(texts, column)
    values: set[Decimal | None] = set(map(attrgetter(field), rows))
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        texts.append(UNKNOWN)
    if known and field in MEASURES:
        # Of numbers with the same decimals the largest and the smallest are the widest.
        known = [max(known), min(known)]
    texts += [number_text(name, value, scene) for value in known]
    return _widest(texts, column)


def _widest(texts: Iterable[str], column: Column) -> int:
    width = max(map(cell_len, texts), default=0)
    return max(width, cell_len(column.header)) if width else 0


def _order(rows: Sequence[PortfolioRow], look: Look) -> tuple[str, ...]:
    """Return the view's columns; accounts come early where they distinguish rows."""
    names = VIEWS[look.view]
    contracts = {(row.con_id, row.strategy) for row in rows}
    if len(contracts) == len(rows):
        return names
    first = names.index("age") + 1
    return (*names[:first], "account", *(name for name in names[first:] if name != "account"))


def _longest_name(sums: Sequence[Line], rows: Sequence[PortfolioRow]) -> int:
    deepest = max((line.level for line in sums), default=0)
    of_sums = [INDENT * line.level + cell_len(printable(line.name)) for line in sums]
    of_rows = [INDENT * (deepest + 1) + cell_len(row.contract) for row in rows]
    return max([*of_sums, *of_rows])


def _cell(column: Column, line: Line, scene: Scene) -> Cell:
    if isinstance(line.of, Sums):
        return column.of_sums(line.of, scene)
    return column.of_row(line.of, scene)


def _fit(cell: Cell, width: int, column: Column) -> str:
    text = printable(cell.text)
    space = " " * max(width - cell_len(text), 0)
    return text + space if column.is_text else space + text


def _name(text: str, room: int) -> str:
    return set_cell_size(cut_name(text, room), room)


def _join(name: str, texts: Sequence[str]) -> str:
    return (name + "".join(" " * GAP + text for text in texts)).rstrip()


def _paint(text: str, colour: str, look: Look) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and look.coloured else text
