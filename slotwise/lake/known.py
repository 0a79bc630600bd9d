"""Whether the lake can answer a question: an empty answer has a meaning only where it can.

Rules:
* A moment in the future is not known.
* A lake without rows knows nothing, and nothing of a moment before its first row.
* An account that no row names is not known.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from slotwise.account import SEPARATOR
from slotwise.errors import NotKnownError
from slotwise.lake.query_parts import quoted
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake

#: Clocks of two machines may differ by this much: within it a moment is no future one.
CLOCKS = timedelta(seconds=5)

_TABLE = POSITION_UPDATES.name


def check_moment(at: datetime, now: datetime) -> None:
    """Raise NotKnownError for a moment in the future."""
    if at > now + CLOCKS:
        raise NotKnownError(f"{_words(at)} is in the future: nothing is known of it yet")


def check_empty_answer(lake: Lake, at: datetime, account: str | None) -> None:
    """Raise NotKnownError where an empty answer does not mean that nothing was held then."""
    first = ask(lake, f"SELECT min(observed_at) AS first FROM {_TABLE}", _TABLE)[0]["first"]
    if first is None:
        raise NotKnownError(
            "nothing has landed yet: is the system running? slotwise status gives the cause"
        )
    if at < first:
        raise NotKnownError(f"{_words(at)} is before the first row, of {_words(first)}")
    if account is not None and not _names(lake, account):
        raise NotKnownError(f"no row names account {account!r}: check its spelling")


def check_day(lake: Lake, end: datetime) -> None:
    """Raise NotKnownError for a day that was over before the first row of positions."""
    first = ask(lake, f"SELECT min(observed_at) AS first FROM {_TABLE}", _TABLE)[0]["first"]
    if first is not None and end <= first:
        raise NotKnownError(f"the day ends before the first row, of {_words(first)}")


def accounts_in(lake: Lake) -> tuple[str, ...]:
    """Return the accounts that rows of positions name, with their models."""
    rows = ask(lake, f"SELECT DISTINCT account FROM {_TABLE}", _TABLE)
    return tuple(row["account"] for row in rows if row["account"])


def _names(lake: Lake, account: str) -> bool:
    models = quoted(f"{account}{SEPARATOR}%")
    sql = (
        f"SELECT 1 AS found FROM {_TABLE} WHERE account = {quoted(account)}"
        f" OR account LIKE {models} LIMIT 1"
    )
    return bool(ask(lake, sql, _TABLE))


def _words(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
