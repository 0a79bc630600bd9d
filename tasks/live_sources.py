"""What a reconciliation asks: the gateway through Redis, and the lake."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from slotwise.bus.commands import PollNow
from slotwise.bus.status import GatewayStatus
from slotwise.contract import PositionKey
from slotwise.errors import StaleSnapshotError
from slotwise.lake.book import book, with_landing
from slotwise.lake.foreign import values_of
from slotwise.lake.queries import unfinished_items
from slotwise.lake.reconciliation_queries import open_breaks
from slotwise.lake.registry_store import open_registry
from slotwise.lake.set_aside import fit_to_land
from slotwise.position import Position, Unknown
from slotwise.reconciliation.evidence import Evidence
from slotwise.reconciliation.procedure import Book, Found
from slotwise.reconciliation.reconciler import ALL
from slotwise.reconciliation.report import Break
from slotwise.rules.landing import Entry, Rows, holdings_under_way
from tasks.context import Context

#: How long the gateway may take to poll, seconds: a poll of 20,000 positions takes two.
SNAPSHOT_WAIT_S = 20.0
#: Time between two looks at the board, seconds.
LOOK_S = 0.05
#: Snapshots seen when the second new one is: that before the request, and one after it.
SECOND = 2
#: How long executions and contracts may take, seconds: 40 look-ups take one.
EVIDENCE_WAIT_S = 10.0
#: Entries of the landing stream looked at: all that 100,000 contracts leave in a beat.
ENTRIES_LOOKED_AT = 5000


class LiveSources:
    """Ask the running system."""

    def __init__(self, context: Context, snapshot_wait_s: float = SNAPSHOT_WAIT_S) -> None:
        self._context = context
        self._snapshot_wait_s = snapshot_wait_s
        self._lake = context.lake

    def now(self) -> datetime:
        return datetime.now(UTC)

    def known(self) -> Mapping[PositionKey, Position] | None:
        found = self._context.snapshots.all()
        return None if found is None else {position.key: position for position in found[1]}

    def fresh_snapshot(self, since: datetime) -> Found | None:
        """Wait for a snapshot that was asked for after the request.

        No clocks are compared: a snapshot names the questions that came before it was asked for.
        The second new one counts in any case: the gateway takes one after another, so that one
        began after the first was there. Raises StaleSnapshotError where TWS does not answer, or
        nothing comes.
        """
        question = secrets.token_hex(8)
        board = self._context.snapshots
        head, failure = board.head(), board.failure()
        seen = {None if head is None else head.snapshot_id}
        self._context.commands.send(PollNow(reason="reconcile", question=question))
        until = time.monotonic() + self._snapshot_wait_s
        while time.monotonic() < until:
            found = self._new(seen)
            if found is not None and (question in found[0].questions or len(seen) > SECOND):
                return found
            if found is not None:
                self._context.commands.send(
                    PollNow(reason="reconcile: one was under way", question=question)
                )
            if (failed := board.failure()) is not None and failed != failure:
                raise StaleSnapshotError(Unknown(failed.since, failed.reason).of(ALL))
            time.sleep(LOOK_S)
        raise StaleSnapshotError(f"the gateway gave no fresh snapshot in time{self._why()}")

    def _why(self) -> str:
        """Describe the gateway's state, where that may be why it gave no snapshot."""
        status = self._context.status.get(GatewayStatus)
        if status is None:
            return ": no gateway has said anything for a minute"
        return f": it is {status.session}" + (f" ({status.detail})" if status.detail else "")

    def _new(self, seen: set[str | None]) -> Found | None:
        """Read the snapshot on the board where it was not seen yet."""
        head = self._context.snapshots.head()
        if head is None or head.snapshot_id in seen:
            return None
        found = self._context.snapshots.all()
        if found is None or found[0].snapshot_id in seen:
            return None
        seen.add(found[0].snapshot_id)
        return found

    def book(self, account: str | None, broker: Sequence[Position]) -> Book:
        # Before the book: what lands in between is in the book and merely looks under way.
        entries = self._entries()
        landing = {
            *(row.key for row in unfinished_items(self._lake)),
            *holdings_under_way(entries),
        }
        registry = open_registry(self._lake)
        # A streamed holding's update may still be with the gateway, which sends one every seconds.
        landing.update(p.key for p in broker if registry.is_active(p.contract.con_id))
        return Book(with_landing(book(self._lake, account), entries), landing)

    def evidence(self, con_ids: Sequence[int]) -> Evidence | None:
        return self._context.evidence.ask(con_ids, EVIDENCE_WAIT_S)

    def open_breaks(self) -> Iterable[Break]:
        found = {one.life_id: one for one in open_breaks(self._lake)}
        for entry in self._entries():
            match entry.head:
                case Rows(table="breaks") if entry.rows is not None:
                    breaks = values_of(entry.rows.to_pylist(), Break, "breaks")
                    found.update((one.life_id, one) for one in breaks)
                case _:
                    pass
        return [one for one in found.values() if one.state != "healed"]

    def _entries(self) -> Sequence[Entry]:
        # As they will land: an entry that is set aside does not count here either.
        read = self._context.landing.read(0, ENTRIES_LOOKED_AT)
        return [fit for entry in read for fit in fit_to_land(entry)]
