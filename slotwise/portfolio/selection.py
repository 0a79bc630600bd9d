"""Selection: which rows of a portfolio are shown, and in which order.

Rules:
* Each criterion takes several names with a comma between; a row meets one of them.
* A name that no row has is an error, not an empty answer.
* Case does not count. An account stands for all of its models.
* Rows whose number is unknown come last, whichever way they are sorted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from slotwise.account import is_in, login_account, masked
from slotwise.errors import InputError, NotKnownError
from slotwise.portfolio.grouping import UNASSIGNED
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.shares import divided
from slotwise.portfolio.sums import MEASURES

#: Names listed in an error message; more than a person reads.
NAMED = 12
#: What rows can be sorted by.
SORTED_BY = (
    "contract", "symbol", "strategy", "account", "kind", "expiry", "strike", "currency",
    "quantity", "price", "age", "band", "underlying_price", "con_id", *MEASURES,
)  # fmt: skip
#: Shorter names of these, as the table's columns have them.
ALIASES = {
    "value": "market_value", "day": "day_pnl", "open": "unrealized_pnl", "delta": "dollar_delta",
    "spot": "underlying_price", "id": "con_id",
}  # fmt: skip
_DAYS = re.compile(r"(\d{1,4}) ?(?:d|days?)?")


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What rows have to meet; empty is no condition.

    `expiring` is the first and the last day. `near` is a distance in percent: short options whose
    strike is no further from the price of the underlying, or whose underlying has no price.
    """

    symbols: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    expiring: tuple[date, date] | None = None
    near: Decimal | None = None


def names_in(text: str | None) -> tuple[str, ...]:
    """Return the names of a text with commas."""
    return tuple(filter(None, (part.strip() for part in (text or "").split(","))))


def read_expiring(text: str, today: date) -> tuple[date, date]:
    """Return the days that `today`, `7d`, `this week`, `2026-12` or `2026-12-18` stands for.

    A number of days counts from today. Raises InputError.
    """
    words = " ".join(text.lower().split())
    if words in ("today", "0dte"):
        return today, today
    if words == "tomorrow":
        return today + timedelta(days=1), today + timedelta(days=1)
    if words == "this week":
        return today, today + timedelta(days=6 - today.weekday())
    if found := _DAYS.fullmatch(words):
        return today, today + timedelta(days=int(found[1]))
    digits = words.replace("-", "")
    try:
        if len(digits) == len("202612"):
            first = datetime.strptime(digits, "%Y%m").date()
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        day = datetime.strptime(digits, "%Y%m%d").date()
    except ValueError as error:
        raise InputError(
            f"--expiring {text!r}: write today, 7d, 'this week', 2026-12 or 2026-12-18"
        ) from error
    return day, day


def selected(rows: Iterable[PortfolioRow], selection: Selection) -> list[PortfolioRow]:
    """Return the rows that meet a selection; raises NotKnownError for a name that none has."""
    found = list(rows)
    found = _having(found, selection.accounts, "account", _account_is, _account_names)
    found = _having(found, selection.symbols, "symbol", _symbol_is, lambda row: [row.symbol])
    if selection.strategies:
        found = list(divided(found))
    found = _having(found, selection.strategies, "strategy", _strategy_is, _strategy_names)
    found = _having(found, selection.kinds, "kind", _kind_is, lambda row: [row.kind, row.sector])
    if selection.expiring is not None:
        first, last = (f"{day:%Y%m%d}" for day in selection.expiring)
        # A month alone, as `202612`, is met where the days have one of the month.
        found = [
            row
            for row in found
            if row.expiry and first[: len(row.expiry)] <= row.expiry <= last[: len(row.expiry)]
        ]
    if selection.near is not None:
        found = [row for row in found if is_short_near(row, selection.near)]
    return found


def is_short_near(row: PortfolioRow, percent: Decimal) -> bool:
    """Return True for a short option whose strike is near its underlying, or may be."""
    if row.strike is None or row.sector != "options" or row.quantity >= 0:
        return False
    spot = row.underlying_price
    return spot is None or abs(row.strike - spot) * 100 <= percent * abs(spot)


def sorted_rows(rows: Sequence[PortfolioRow], order: str, at: datetime) -> list[PortfolioRow]:
    """Sort rows by a column, `-COLUMN` for the largest first; raises InputError."""
    name = order.removeprefix("-").replace("-", "_")
    name = ALIASES.get(name, name)
    if name not in SORTED_BY:
        raise InputError(f"--sort {order!r}: rows are sorted by {', '.join(SORTED_BY)}")

    def value(row: PortfolioRow) -> Any:
        return row.age_s(at) if name == "age" else getattr(row, name)

    known = [row for row in rows if value(row) not in (None, "")]
    unknown = [row for row in rows if value(row) in (None, "")]
    return sorted(known, key=value, reverse=order.startswith("-")) + unknown


def usual_order(row: PortfolioRow) -> tuple[str, str, Decimal, str, str, int]:
    """Return the key of the usual order: underlying, expiry, strike, right, account."""
    strike = row.strike if row.strike is not None else Decimal(0)
    return row.symbol, row.expiry, strike, row.right, row.account, row.con_id


def _having(
    rows: list[PortfolioRow],
    names: tuple[str, ...],
    what: str,
    has: Callable[[PortfolioRow, str], bool],
    names_of: Callable[[PortfolioRow], Iterable[str]],
) -> list[PortfolioRow]:
    """Return the rows that have one of the names; all of them where no name is given."""
    if not names:
        return rows
    for name in names:
        if not any(has(row, name) for row in rows):
            known = sorted({one for row in rows for one in names_of(row) if one})
            shown = ", ".join(known[:NAMED]) + (" ..." if len(known) > NAMED else "")
            given = masked(name) if what == "account" else repr(name)
            raise NotKnownError(f"no holding has {what} {given} (held: {shown or 'nothing'})")
    return [row for row in rows if any(has(row, name) for name in names)]


def _account_is(row: PortfolioRow, name: str) -> bool:
    return is_in(row.account.upper(), name.upper())


def _account_names(row: PortfolioRow) -> list[str]:
    return [masked(login_account(row.account))]


def _symbol_is(row: PortfolioRow, name: str) -> bool:
    return row.symbol.upper() == name.upper()


def _strategy_is(row: PortfolioRow, name: str) -> bool:
    if name.lower() == UNASSIGNED:
        return not row.strategies
    return name.lower() in (one.lower() for one in row.strategies)


def _strategy_names(row: PortfolioRow) -> list[str]:
    return list(row.strategies) or [UNASSIGNED]


def _kind_is(row: PortfolioRow, name: str) -> bool:
    words = {row.kind.lower(), row.sector, row.sector.removesuffix("s")}
    return name.lower() in words
