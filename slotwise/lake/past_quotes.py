"""Quotes of the past: the newest of each contract by a moment, and the last there are."""

from __future__ import annotations

from datetime import datetime, timedelta

from slotwise.lake.foreign import values_of
from slotwise.lake.query_parts import column_list, first_of_each, known_within, within
from slotwise.lake.schemas import QUOTES
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.quote import Quote

#: Quotes are looked for so far back: over the longest weekend.
LOOK_BACK = timedelta(days=5)
#: The last quotes are those within this time before the newest of all: markets of other continents
#: shut up to a day before the last one did.
LAST_OF = timedelta(hours=26)

_TABLE = QUOTES.name
#: Columns that a quote has; a column that is added to the table is read by its name.
_COLUMNS = column_list(name for name in Quote.__struct_fields__ if name in QUOTES.schema.names)


def quotes_as_of(lake: Lake, at: datetime, known_at: datetime | None = None) -> dict[int, Quote]:
    """Read the newest quote of each contract that was observed by `at`, as known by `known_at`.

    Empty where the table is not there yet. Raises LakeError.
    """
    if not lake.has(_TABLE):
        return {}
    return _newest(lake, at - LOOK_BACK, at, known_at)


def quotes_between(
    lake: Lake, con_id: int, since: datetime | None, until: datetime | None
) -> list[Quote]:
    """Read every quote of one contract within a time, oldest first; raises LakeError.

    Empty where the table is not there yet.
    """
    if not lake.has(_TABLE):
        return []
    limits = [f"con_id = {int(con_id)}", *within("observed_at", since, until)]
    rows = ask(
        lake,
        f"SELECT {_COLUMNS} FROM {_TABLE} WHERE {' AND '.join(limits)} ORDER BY observed_at",
        _TABLE,
    )
    return values_of(rows, Quote, _TABLE)


def last_quotes(lake: Lake) -> dict[int, Quote]:
    """Read the newest quote of each contract of the last hours in which any was kept.

    However long ago that is: its age shows its value. Empty where there is none. Raises
    LakeError.
    """
    if not lake.has(_TABLE):
        return {}
    [day] = ask(lake, f"SELECT max(date) AS newest FROM {_TABLE}", _TABLE)
    if day["newest"] is None:
        return {}
    [last] = ask(
        lake,
        f"SELECT max(observed_at) AS newest FROM {_TABLE} WHERE date = DATE '{day['newest']}'",
        _TABLE,
    )
    if last["newest"] is None:
        return {}
    return _newest(lake, last["newest"] - LAST_OF, last["newest"], None)


def _newest(
    lake: Lake, since: datetime, at: datetime, known_at: datetime | None
) -> dict[int, Quote]:
    known = known_within(since, at, known_at)
    newest = first_of_each(
        _COLUMNS,
        f"{_TABLE} JOIN newest ON con_id = newest_of AND observed_at = newest_at WHERE {known}",
        per="con_id",
        order="coalesce(landing, 0) DESC",
    )
    # The times alone come first: a day has a million rows, and few of them are the newest.
    rows = ask(
        lake,
        f"""
        WITH newest AS (
            SELECT con_id AS newest_of, max(observed_at) AS newest_at FROM {_TABLE}
            WHERE {known} GROUP BY con_id
        )
        {newest}
        """,
        _TABLE,
    )
    return {quote.con_id: quote for quote in values_of(rows, Quote, _TABLE)}
