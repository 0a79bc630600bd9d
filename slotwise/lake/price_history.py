"""One contract's prices of the past: its quotes, in turn and of its line, and its marks."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from slotwise.lake.past_quotes import quotes_between
from slotwise.lake.price_tables import MARKS
from slotwise.lake.query_parts import within
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """A price as quoted, when it was so, and by what it is known; a mark has a band."""

    at: datetime
    value: float
    by: Literal["quote", "mark", "position", "execution"]
    band: float | None = None


def quoted_prices(
    lake: Lake, con_id: int, since: datetime | None, until: datetime | None
) -> list[Priced]:
    """Read the prices of a contract's quotes, oldest first; raises LakeError."""
    found = []
    for quote in quotes_between(lake, con_id, since, until):
        value, _ = quote.price()
        if value is not None and value.is_finite():
            found.append(Priced(at=quote.observed_at, value=float(value), by="quote"))
    return found


def marked_prices(
    lake: Lake, con_id: int, since: datetime | None, until: datetime | None
) -> list[Priced]:
    """Read a contract's marks, oldest first; raises LakeError."""
    if not lake.has(MARKS.name):
        return []
    limits = [f"con_id = {int(con_id)}", "mark IS NOT NULL", *within('"at"', since, until)]
    rows = ask(
        lake,
        f'SELECT "at", mark AS value, band FROM {MARKS.name}'
        f' WHERE {" AND ".join(limits)} ORDER BY "at"',
        MARKS.name,
    )
    return [Priced(by="mark", **row) for row in rows]
