"""One reconciliation from request to report: what each process is asked, and when again.

Rules:
* The snapshot is taken after the request. Where something is missing there that nothing explains,
  a second one is asked for: if they contradict each other, nothing is verified.
* The broker is asked for evidence only where there are breaks.
* Nothing is waited for but answers: a task that waited for a landing would hold a worker that the
  landing needs. A caller that wants to see what is on its way land asks again.

Reads no clock of its own and talks to its sources alone, so a test needs no stack.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from slotwise.contract import PositionKey
from slotwise.errors import LakeError, StaleSnapshotError
from slotwise.formatting import counted
from slotwise.position import Position, SnapshotHead
from slotwise.reconciliation.evidence import Evidence, no_evidence
from slotwise.reconciliation.reconciler import PositionReconciler, stale
from slotwise.reconciliation.report import Break, Report

#: Causes that leave a missing holding unexplained.
UNEXPLAINED = ("unknown", "incomplete_snapshot")

Found: TypeAlias = tuple[SnapshotHead, Sequence[Position]]


class Book(msgspec.Struct, frozen=True):
    """Hold the book, and the holdings that have news on their way to it."""

    positions: Sequence[Position]
    landing: Collection[PositionKey]


class Sources(Protocol):
    """The sources of what a reconciliation compares."""

    def now(self) -> datetime: ...
    def known(self) -> Mapping[PositionKey, Position] | None: ...
    def fresh_snapshot(self, since: datetime) -> Found | None:
        """Wait for a snapshot; raises StaleSnapshotError where it is known why there is none."""
        ...

    def book(self, account: str | None, broker: Sequence[Position]) -> Book: ...
    def evidence(self, con_ids: Sequence[int]) -> Evidence | None: ...
    def open_breaks(self) -> Iterable[Break]: ...


class Outcome(msgspec.Struct, frozen=True):
    """Hold a report and what it was made from."""

    report: Report
    book: Book = Book((), ())
    broker: Sequence[Position] = ()


class ReconciliationProcedure:
    """Bring one request to its report."""

    def __init__(
        self,
        sources: Sources,
        account: str | None = None,
        on_progress: Callable[[str], None] = lambda doing: None,
    ) -> None:
        self._sources = sources
        self._account = account
        self._on_progress = on_progress
        self._requested_at = sources.now()
        self._evidence: Evidence | None = None

    def run(self) -> Outcome:
        """Ask and compare; never raises for want of an answer."""
        try:
            return self._run()
        except (LakeError, StaleSnapshotError) as error:
            return self._stale(str(error))

    def _run(self) -> Outcome:
        self._on_progress("asking the gateway for a fresh snapshot")
        before = self._sources.known()
        found = self._sources.fresh_snapshot(self._requested_at)
        if found is None:
            return self._stale("the gateway gave no fresh snapshot in time")
        open_breaks = list(self._sources.open_breaks())
        outcome = self._compare(found, before, open_breaks)
        missing = _unexplained_keys(outcome.report)
        if missing:
            self._on_progress("asking for a second snapshot: some holdings are missing")
            again = self._sources.fresh_snapshot(self._sources.now())
            if again is None:
                return self._stale("the gateway gave no second snapshot in time")
            self._evidence = None
            outcome = self._compare(again, before, open_breaks)
            there = {position.key for position in found[1] if position.quantity != 0}
            if lost := there & _unexplained_keys(outcome.report):
                return self._stale(
                    "two snapshots contradict each other: "
                    f"{counted(len(lost), 'holding of the first is', 'holdings of the first are')} "
                    "missing in the second, and nothing explains it"
                )
        return outcome

    def _compare(
        self,
        found: Found,
        before: Mapping[PositionKey, Position] | None,
        open_breaks: Sequence[Break],
    ) -> Outcome:
        self._on_progress("comparing")
        head, broker = found
        book = self._sources.book(self._account, broker)

        def report() -> Report:
            return PositionReconciler().reconcile(
                book.positions,
                broker,
                snapshot=head,
                asked_after=True,
                requested_at=self._requested_at,
                completed_at=self._sources.now(),
                account=self._account,
                landing=book.landing,
                before=before,
                evidence=self._evidence,
                open_breaks=open_breaks,
            )

        first = report()
        if first.status != "matched" and self._evidence is None:
            self._on_progress("asking the broker for evidence")
            self._evidence = self._sources.evidence(_to_look_up(first)) or no_evidence(
                self._sources.now()
            )
            first = report()
        return Outcome(first, book, broker)

    def _stale(self, reason: str) -> Outcome:
        return Outcome(
            stale(
                reason,
                requested_at=self._requested_at,
                completed_at=self._sources.now(),
                account=self._account,
            )
        )


def _unexplained_keys(report: Report) -> set[PositionKey]:
    """Return the holdings that are missing at the broker for no known cause."""
    return {
        one.key
        for one in report.breaks
        if one.kind == "missing_at_broker" and one.cause in UNEXPLAINED
    }


def _to_look_up(report: Report) -> list[int]:
    """Return the contracts whose details may explain more: those that are missing come first."""
    order = {"missing_at_broker": 0, "quantity": 1, "avg_cost": 1}
    breaks = sorted(report.breaks, key=lambda one: order.get(one.kind, 2))
    return list(dict.fromkeys(one.con_id for one in breaks))
