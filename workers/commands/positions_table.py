"""Rows of `slotwise positions`: which are shown, and as a table with the age of each price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from slotwise import formatting
from slotwise.portfolio.past import past_price, position_of
from slotwise.portfolio.row import PortfolioRow, portfolio_row
from slotwise.portfolio.selection import Selection, selected, sorted_rows
from slotwise.portfolio.words import UNKNOWN
from slotwise.rules.holdings_diff import label
from slotwise.shown_accounts import ShownAccounts
from workers.commands.output import PlainTable

if TYPE_CHECKING:
    import pyarrow as pa

#: Width from which the source of a price and the time of its row fit.
FITS_ALL = 110
#: Width that the words of an option need: `SPY 20261218 P 560`.
LEAST_NAME = 18
NUMBERS = frozenset(("quantity", "price", "value", "age"))


def chosen(
    rows: Sequence[Mapping[str, Any]], selection: Selection, sort: str | None, at: datetime
) -> list[dict[str, Any]]:
    """Return the rows that are selected, each with the age of its price and a word for it.

    Raises NotKnownError for a name that no row has, and InputError for an order that is none.
    """
    valued = {(row["account"], row["con_id"]): _row_of(row, at) for row in rows}
    found = selected(valued.values(), selection)
    if sort is not None:
        found = sorted_rows(found, sort, at)
    by_key = {(row["account"], row["con_id"]): row for row in rows}
    return [
        {**by_key[one.key], "price_age_s": one.age_s(at), "freshness": one.freshness(at)}
        for one in found
    ]


def holdings_schema() -> pa.Schema:
    """Return the columns of holdings in files, each with its type whatever is held."""
    import pyarrow as pa

    from slotwise.lake.as_of import SCHEMA
    from slotwise.lake.schemas import FINE, MONEY

    more: list[tuple[str, pa.DataType]] = [
        ("price_age_s", pa.float64()),
        ("freshness", pa.string()),
        ("base_currency", pa.string()),
        ("exchange_rate", FINE),
        ("exchange_rate_age_s", pa.float64()),
        ("exchange_rate_source", pa.string()),
        ("market_value_base", MONEY),
    ]
    return pa.schema([*SCHEMA, *(pa.field(name, kind) for name, kind in more)])


def holdings_table(
    rows: Sequence[Mapping[str, Any]],
    title: str,
    width: int,
    names: ShownAccounts,
    clock: ZoneInfo,
) -> PlainTable:
    """Return the table, with the columns that a width has room for."""
    accounts = {row["account"] for row in rows}
    columns = ["contract", "quantity", "price", "age", "value"]
    if len(accounts) > 1 or width >= FITS_ALL:
        columns.insert(0, "account")
    if width >= FITS_ALL:
        columns.insert(1, "contract id")
        columns += ["from", "observed"]
    table = PlainTable(title=title)
    for column in columns:
        right = "right" if column in NUMBERS else "left"
        least = LEAST_NAME if column == "contract" else None
        table.add_column(column, justify=right, min_width=least, no_wrap=column != "contract")  # type: ignore[arg-type]  # one of rich's words
    for row in rows:
        cells = _cells(row, names, clock)
        table.add_row(*(cells[column] for column in columns))
    return table


def _row_of(row: Mapping[str, Any], at: datetime) -> PortfolioRow:
    strategies = (row["strategy"],) if row["strategy"] else ()
    return portfolio_row(position_of(row), past_price(row, None, at), strategies=strategies)


def _cells(row: Mapping[str, Any], names: ShownAccounts, clock: ZoneInfo) -> dict[str, str]:
    age = row["price_age_s"]
    source = "" if row["price"] is None else str(row["price_source"])
    value = row["market_value"]
    return {
        "account": names.name(row["account"]),
        "contract id": str(row["con_id"]),
        "contract": label(row),
        "quantity": formatting.quantity(row["quantity"]),
        "price": UNKNOWN if row["price"] is None else formatting.price(row["price"]),
        "age": (
            row["freshness"]
            if age is None
            else f"{formatting.short_duration(age)} {row['freshness']}"
        ),
        "value": (
            UNKNOWN if value is None
            else f"{formatting.money(value)} {row['currency'] or ''}".rstrip()
        ),
        "from": f"{source}, delayed" if source and row["delayed"] else source,
        "observed": f"{row['observed_at'].astimezone(clock):%m-%d %H:%M:%S}",
    }  # fmt: skip


def number_text(value: Decimal | None) -> str:
    """Write a number without zeros that say nothing; empty for an unknown one."""
    return "" if value is None else f"{value.normalize():f}"
