"""A reconciliation that a page asks for: one at a time, by a worker, as `slotwise reconcile` does.

Nothing is healed from a page. What the gateway knows to prevent it is said at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from slotwise.bus.client import Bus
from slotwise.printable import printable
from slotwise.reconciliation.report import Report
from workers.screen.readers import BusReader
from workers.screen.reconcilable import hindrance
from workers.web.system import MOST_BREAKS, BreakFacts, break_facts

#: A worker has this long to answer, seconds, as on the command line.
TIMEOUT_S = 60.0


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome, as a page shows it."""

    status: str
    reason: str
    matched: int
    count: int
    breaks: tuple[BreakFacts, ...] = ()


class RunningError(Exception):
    """A reconciliation that a page asked for runs."""


class Reconciler:
    """Has a worker reconcile."""

    def __init__(self, bus: Bus, mask: Callable[[str], str]) -> None:
        self._bus = bus
        self._mask = mask
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="reconcile")
        self._is_running = False

    async def run(self) -> Reconciled:
        """Request a reconciliation of all accounts and wait for the report.

        Raises RunningError while another runs, NoSystemError and BusError.
        """
        if self._is_running:
            raise RunningError
        self._is_running = True
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._run)
        finally:
            self._is_running = False

    def close(self) -> None:
        """Wait for no report."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> Reconciled:
        found = hindrance(BusReader(self._bus).read(), None)
        if found is not None:
            why = f"{found.sentence}; {found.advice}"
            return Reconciled(status="stale", reason=self._to_show(why), matched=0, count=0)
        # Celery's libraries, for the pages that need them alone.
        from tasks.reconciliation import request_report

        return self._outcome(request_report(None, TIMEOUT_S))

    def _outcome(self, report: Report) -> Reconciled:
        return Reconciled(
            status=report.status,
            reason=self._to_show(report.reason or ""),
            matched=report.matched,
            count=len(report.breaks),
            breaks=tuple(break_facts(one, self._to_show) for one in report.breaks[:MOST_BREAKS]),
        )

    def _to_show(self, text: str) -> str:
        return printable(self._mask(text))
