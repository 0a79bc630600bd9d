"""Cells of the portfolio's table: what stands in each column for a row, and for a sum. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from slotwise import formatting
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.sums import Amount, Sums
from slotwise.portfolio.words import UNKNOWN, amount_words

#: SGR codes of the words for a price's age.
COLOURS = {
    "fresh": "32", "model": "32", "late": "33", "stale": "31", "closed": "34", "unknown": "35",
}  # fmt: skip


class Cell(msgspec.Struct, frozen=True):
    """A text, and its colour as an SGR code; empty is the terminal's own."""

    text: str
    colour: str = ""


class Scene(msgspec.Struct, frozen=True):
    """What cells depend on besides their row: time, zone, and decimals of money."""

    at: datetime
    zone: ZoneInfo
    places: int


OfRow: TypeAlias = Callable[[PortfolioRow, Scene], Cell]
OfSums: TypeAlias = Callable[[Sums, Scene], Cell]


class Column(msgspec.Struct, frozen=True):
    """One column; `of_sums` is what a line of sums shows in it."""

    header: str
    of_row: OfRow
    of_sums: OfSums
    is_text: bool = False


def _nothing(_sums: Sums, _scene: Scene) -> Cell:
    return Cell("")


def _amount(value: Decimal | None, scene: Scene) -> Cell:
    return Cell("" if value is None else formatting.money(value, scene.places))


def _sum(amount: Amount, sums: Sums, scene: Scene) -> Cell:
    return Cell(amount_words(amount, sums.holdings, scene.places) or UNKNOWN)


def _measure(header: str, name: str) -> Column:
    def of_row(row: PortfolioRow, scene: Scene) -> Cell:
        value: Decimal | None = getattr(row, name)
        return Cell(UNKNOWN) if value is None else _amount(value, scene)

    return Column(header, of_row, lambda sums, scene: _sum(sums.amount(name), sums, scene))


def _age(row: PortfolioRow, scene: Scene) -> Cell:
    word = row.freshness(scene.at)
    age = row.age_s(scene.at)
    text = word if age is None else f"{formatting.short_duration(age)} {word}"
    return Cell(text, COLOURS[word])


def _oldest(sums: Sums, scene: Scene) -> Cell:
    if sums.oldest_price_at is None:
        return Cell("unknown", COLOURS["unknown"])
    age = max((scene.at - sums.oldest_price_at).total_seconds(), 0.0)
    return Cell(f"oldest {formatting.short_duration(age)}")


def _price(row: PortfolioRow, _scene: Scene) -> Cell:
    return Cell(UNKNOWN) if row.price is None else Cell(formatting.price(row.price))


def _spot(row: PortfolioRow, _scene: Scene) -> Cell:
    if row.sector != "options":
        return Cell("")
    price = row.underlying_price
    if price is None:
        return Cell(UNKNOWN)
    return Cell(formatting.price(price) + (" delayed" if row.underlying_delayed else ""))


def _priced_cell(sums: Sums, _scene: Scene) -> Cell:
    lacks = sums.priced < sums.holdings
    return Cell(f"{sums.priced:,}/{sums.holdings:,}", COLOURS["unknown"] if lacks else "")


def _source(row: PortfolioRow, _scene: Scene) -> Cell:
    if row.price is None:
        return Cell("")
    return Cell(row.source_words)


def _band(row: PortfolioRow, _scene: Scene) -> Cell:
    return Cell(UNKNOWN if row.band is None else formatting.price(row.band))


def _observed_cell(row: PortfolioRow, scene: Scene) -> Cell:
    if row.price_at is None:
        return Cell("")
    local = row.price_at.astimezone(scene.zone)
    day = local.date() != scene.at.astimezone(scene.zone).date()
    return Cell(f"{local:%m-%d %H:%M:%S}" if day else f"{local:%H:%M:%S}")


COLUMNS = {
    "quantity": Column(
        "quantity", lambda row, _: Cell(formatting.quantity(row.quantity)), _nothing
    ),
    "price": Column("price", _price, _priced_cell),
    "age": Column("age", _age, _oldest),
    "band": Column("+-", _band, _nothing),
    "spot": Column("spot", _spot, _nothing),
    "value": _measure("value", "market_value"),
    "day": _measure("day P&L", "day_pnl"),
    "unrealised": _measure("open P&L", "unrealized_pnl"),
    "delta": _measure("$ delta", "dollar_delta"),
    "gamma": _measure("gamma", "gamma"),
    "vega": _measure("vega", "vega"),
    "theta": _measure("theta", "theta"),
    "currency": Column(
        "",
        lambda row, _: Cell(row.currency or UNKNOWN),
        lambda sums, _: Cell(sums.currency or UNKNOWN),
        True,
    ),
    "source": Column("from", _source, _nothing, True),
    "time": Column("priced at", _observed_cell, _nothing),
    "account": Column("account", lambda row, _: Cell(row.account), _nothing, True),
    "id": Column("id", lambda row, _: Cell(str(row.con_id)), _nothing),
}
#: Which columns are shown, the first ones where there is room for few; always in the order of
#: COLUMNS.
VIEWS = {
    "money": (
        "price", "age", "currency", "day", "unrealised", "value", "quantity", "band", "source",
        "delta", "theta", "gamma", "vega", "account", "time", "id",
    ),
    "near": (
        "quantity", "age", "spot", "currency", "delta", "gamma", "theta", "price", "day", "vega",
        "unrealised", "value", "account", "source", "band", "time", "id",
    ),
    "greeks": (
        "price", "age", "currency", "delta", "gamma", "theta", "vega", "quantity", "day",
        "unrealised", "value", "account", "source", "band", "time", "id",
    ),
}  # fmt: skip


def number_text(name: str, value: Decimal, scene: Scene) -> str:
    """Write a row's number as a column does."""
    if name == "quantity":
        return formatting.quantity(value)
    return formatting.price(value) if name == "price" else formatting.money(value, scene.places)
