"""Questions to the lake about reconciliations: reports, breaks and silences."""

from __future__ import annotations

from datetime import datetime

import msgspec

from slotwise.lake.foreign import values_of
from slotwise.lake.query_parts import columns_for, first_of_each
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.reconciliation.report import Break
from slotwise.reconciliation.silences import Silence


class ReportLine(msgspec.Struct, frozen=True):
    """Hold the head of one reconciliation report."""

    report_id: str
    status: str
    matched: int
    breaks: int
    completed_at: datetime
    #: Why it is stale.
    reason: str | None = None


def last_report(lake: Lake, *, verified: bool = False, of_all: bool = False) -> ReportLine | None:
    """Read the newest reconciliation, or the newest one that verified something; None without.

    One that is `of_all` was asked for without an account.
    """
    wanted = ["status <> 'stale'"] * verified + ["account IS NULL"] * of_all
    which = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    rows = ask(
        lake,
        "SELECT report_id, status, matched, breaks, completed_at, reason FROM reconciliations"
        f"{which} ORDER BY coalesce(landing, 0) DESC, completed_at DESC LIMIT 10",
        "reconciliations",
    )
    return next(iter(values_of(rows, ReportLine, "reconciliations")), None)


def silence_rows(lake: Lake) -> list[Silence]:
    """Read every silence that may not have ended, lifted or not; none where none was made."""
    lake.verify()
    if not lake.has("silences"):
        return []
    rows = ask(lake, f"SELECT {columns_for(Silence)} FROM silences ORDER BY at", "silences")
    return values_of(rows, Silence, "silences")


def open_breaks(lake: Lake) -> list[Break]:
    """Read the breaks that no report has found healed, each as the newest report has it."""
    newest = first_of_each(
        columns_for(Break),
        "breaks WHERE life_id IS NOT NULL",
        per="life_id",
        order="coalesce(landing, 0) DESC, runs DESC, found_at DESC",
    )
    rows = ask(lake, f"{newest} AND state <> 'healed'", "breaks")
    return values_of(rows, Break, "breaks")
