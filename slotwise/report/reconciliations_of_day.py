"""The reconciliations of a day and what they found, from their two tables."""

from __future__ import annotations

import msgspec

from slotwise.lake.query_parts import columns_for, first_of_each
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.reconciliation.report import Break
from slotwise.report.day import ReportOfDay
from slotwise.report.span import Span
from slotwise.report.sql import landed_since, within


def reports_of_day(lake: Lake, span: Span) -> tuple[ReportOfDay, ...]:
    """Read the reports that were completed within the day, oldest first; raises LakeError."""
    columns = ", ".join(
        f"coalesce({name}, 0) AS {name}"
        if name in ("matched", "breaks", "healed", "mended")
        else name
        for name in ReportOfDay.__struct_fields__
    )
    rows = ask(
        lake,
        f"SELECT {columns} FROM reconciliations"
        f" WHERE {within(span, 'completed_at')} AND {landed_since(span.begin)}"
        " ORDER BY completed_at, report_id",
        "reconciliations",
    )
    return tuple(msgspec.convert(rows, list[ReportOfDay]))


def breaks_of_day(lake: Lake, span: Span) -> tuple[Break, ...]:
    """Read the day's last word on each break, the oldest break first; raises LakeError."""
    newest = first_of_each(
        columns_for(Break),
        f"breaks WHERE life_id IS NOT NULL AND {within(span, 'found_at')}"
        f" AND {landed_since(span.begin)}",
        per="life_id",
        order="found_at DESC, runs DESC",
    )
    rows = ask(lake, f"{newest} ORDER BY first_found_at, break_id", "breaks")
    return tuple(msgspec.convert([_whole(row) for row in rows], list[Break]))


def _whole(row: dict[str, object]) -> dict[str, object]:
    """Restore texts that are empty: an empty text is null in the lake."""
    return {
        **row,
        **{name: row[name] or "" for name in ("symbol", "evidence")},
        "under_way": bool(row["under_way"]),
    }
