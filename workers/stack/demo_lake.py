"""DemoLake: what the demo has read from the lake, and what has not landed yet."""

from __future__ import annotations

from collections.abc import Collection

from slotwise.contract import PositionKey
from slotwise.formatting import counted
from slotwise.lake.queries import LandingTotals, QueueTotals, landing_totals, queue_totals
from slotwise.lake.reconciliation_queries import last_report
from slotwise.lake.store import Lake
from workers.stack.demo_result import LandedResult, QueueResult


class DemoLake:
    """Counts of the queue and of landings, and the last reconciliation, as read last."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self.queue = QueueTotals(0, 0, 0, 0)
        self.landing = LandingTotals(0, 0, frozenset(), 0)
        self.reconciliation = "not yet"

    def read(self) -> None:
        """Read everything; raises LakeError."""
        self.queue = queue_totals(self._lake)
        self.landing = landing_totals(self._lake)
        report = last_report(self._lake)
        if report is not None:
            self.reconciliation = (
                f"{report.status}: {report.matched} matched, {counted(report.breaks, 'break')}"
                f" at {report.completed_at:%H:%M:%S}"
            )

    def has_report(self, report_id: str) -> bool:
        """Return True where this report is the newest that landed; raises LakeError."""
        newest = last_report(self._lake)
        return newest is not None and newest.report_id == report_id

    def pending(self) -> int:
        """Count the queue's items that have not ended; raises LakeError."""
        return queue_totals(self._lake).pending

    def unlanded(self, held: Collection[PositionKey], activated: Collection[int]) -> int:
        """Count the holdings that are not active and have no polled row, as read last."""
        wanted = {key for key in held if key[1] not in activated}
        return len(wanted - self.landing.holdings)

    def queue_result(self) -> QueueResult:
        """Return the queue's counts for the demo's result."""
        one = self.queue
        return QueueResult(one.inserted, one.succeeded, one.failed, one.pending)

    def landed_result(self) -> LandedResult:
        """Return the counts of what has landed for the demo's result."""
        return LandedResult(self.landing.rows, self.landing.commits)
