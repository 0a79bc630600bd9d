"""Questions to the lake about reconciliations: reports, breaks and silences."""

from __future__ import annotations

from datetime import datetime

import msgspec
from deltalake import DeltaTable

from slotwise.lake.foreign import values_of
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
    """Read every silence that may not have ended, lifted or not; none where nobody made one."""
    lake.verify()
    if not DeltaTable.is_deltatable(lake.uri("silences")):
        return []
    columns = ", ".join(f'"{name}"' for name in Silence.__struct_fields__)
    rows = ask(lake, f"SELECT {columns} FROM silences ORDER BY at", "silences")
    return values_of(rows, Silence, "silences")


#: Columns of `breaks` that a break has.
_BREAK = ", ".join(f'"{name}"' for name in Break.__struct_fields__)


def open_breaks(lake: Lake) -> list[Break]:
    """Read the breaks that no report has found healed, each as the newest report tells of it."""
    rows = ask(
        lake,
        f"""
        SELECT {_BREAK} FROM (
            SELECT {_BREAK}, row_number() OVER (
                PARTITION BY life_id
                ORDER BY coalesce(landing, 0) DESC, runs DESC, found_at DESC
            ) AS place
            FROM breaks WHERE life_id IS NOT NULL
        ) WHERE place = 1 AND state <> 'healed'
        """,
        "breaks",
    )
    return values_of(rows, Break, "breaks")
