"""The facts of one day: what each part of the report reads from the lake, put together."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from msgspec.structs import replace

from slotwise.errors import LakeError, NotKnownError
from slotwise.lake.existing_tables import has_rows, present
from slotwise.lake.known import check_day
from slotwise.lake.store import Lake
from slotwise.report.axis_of_day import with_axis
from slotwise.report.day import (
    Day,
    Landings,
    Lines,
    PortfolioOfDay,
    Positions,
    Quotes,
    Reconciliations,
)
from slotwise.report.fills_of_day import fills_of_day
from slotwise.report.landings_of_day import landings_of_day, queue_of_day
from slotwise.report.lines_of_day import lines_of_day
from slotwise.report.portfolio_of_day import portfolio_of_day
from slotwise.report.positions_of_day import positions_of_day
from slotwise.report.quotes_of_day import quotes_of_day
from slotwise.report.reconciliations_of_day import breaks_of_day, reports_of_day
from slotwise.report.span import Span

#: The tables that a day is read from.
TABLES_READ = (
    "position_updates", "position_queue", "line_events", "quotes", "reconciliations", "breaks",
    "contracts", "executions",
)  # fmt: skip


def day_facts(lake: Lake, span: Span) -> Day:
    """Read all that the lake has of a day; a table that is missing adds nothing.

    Raises LakeAbsentError where there is no lake, NotKnownError where nothing is in it or the day
    is before its first row, and LakeError where it cannot be read.
    """
    lake.verify()
    there = present(lake).intersection(TABLES_READ)
    filled = {table for table in there if has_rows(lake, table)}
    if not filled:
        raise NotKnownError(f"nothing has landed yet in the lake at {lake.address!r}")
    if "position_updates" in filled:
        check_day(lake, span.end)
    try:
        return _facts(lake, span, filled)
    except msgspec.ValidationError as error:
        raise LakeError(
            f"lake {lake.address!r} says what this Slotwise does not know: {error}"
        ) from error


def _facts(lake: Lake, span: Span, filled: Collection[str]) -> Day:
    breaks = breaks_of_day(lake, span) if "breaks" in filled else ()
    has_positions = "position_updates" in filled
    landings = landings_of_day(lake, span) if has_positions else Landings()
    if "position_queue" in filled:
        landings = replace(landings, queue=queue_of_day(lake, span))
    positions = positions_of_day(lake, span, breaks) if has_positions else Positions()
    return Day(
        with_axis(lake, span) if "contracts" in filled else span,
        lines=lines_of_day(lake, span) if "line_events" in filled else Lines(),
        quotes=quotes_of_day(lake, span) if "quotes" in filled else Quotes(),
        landings=landings,
        reconciliations=Reconciliations(
            reports_of_day(lake, span) if "reconciliations" in filled else (), breaks
        ),
        positions=positions,
        fills=fills_of_day(lake, span, positions.moves),
        portfolio=portfolio_of_day(lake, span) if has_positions else PortfolioOfDay(),
    )
