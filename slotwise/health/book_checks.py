"""Whether the book agrees with the broker, as the last reports have it.

Pure, like `checks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slotwise.health.checks import Check
from slotwise.lake.queries import ReportLine
from slotwise.reconciliation.report import Break

#: A report is late after so many intervals: it waits for workers and landings, and begins anew.
LATE_INTERVALS = 3
ADVICE = "slotwise reconcile says what each comes from; --heal lands what the broker says"


def book_checks(
    report: ReportLine | None, breaks: Sequence[Break], now: datetime, interval_s: float
) -> list[Check]:
    """Look at the newest report and at the breaks that are open."""
    if breaks:
        confirmed = sum(one.state == "confirmed" for one in breaks)
        seen = f"{len(breaks)} open, {confirmed} of them confirmed"
        # What no second report has confirmed may be news on its way to the lake.
        return [Check("breaks", "fail" if confirmed else "warn", seen, ADVICE)]
    if report is None:
        return [Check("reconciled", "warn", "never yet", "slotwise reconcile does it now")]
    if report.status == "broken":
        # Healed since, or not landed yet: nothing is known to be wrong, and nothing to be right.
        seen = f"{report.breaks} breaks in the newest report, none of them open now"
        return [Check("reconciled", "warn", seen, "slotwise reconcile looks again")]
    age_s = (now - report.completed_at).total_seconds()
    if report.status == "stale":
        advice = "slotwise reconcile says why"
        return [Check("reconciled", "warn", "the newest report could verify nothing", advice)]
    if age_s > LATE_INTERVALS * interval_s:
        advice = "are beat and a poll worker running? slotwise reconcile does it now"
        return [Check("reconciled", "warn", f"not for {age_s / 60:.0f} min", advice)]
    return [Check("reconciled", "ok", f"{report.matched} matched")]
