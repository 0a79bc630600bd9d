"""What a reconciliation asks: the gateway through Redis, and the lake."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from slotwise.bus.commands import PollNow
from slotwise.contract import PositionKey
from slotwise.lake.arrow import from_rows
from slotwise.lake.book import book, with_landing
from slotwise.lake.queries import open_breaks, unfinished_items
from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from slotwise.landing import Entry, Rows, holdings_under_way
from slotwise.position import Position
from slotwise.reconciliation.evidence import Evidence
from slotwise.reconciliation.report import Break
from tasks.context import Context
from tasks.reconciling import Book, Found

#: How long the gateway may take to poll, seconds: a poll of 20,000 positions takes two.
SNAPSHOT_WAIT_S = 20.0
#: Time between two looks at the board, seconds.
LOOK_S = 0.05
#: How long it may take to tell of executions and contracts, seconds: 40 look-ups take one.
EVIDENCE_WAIT_S = 10.0
#: Entries of the landing stream looked at: all that 100,000 contracts leave in a beat.
ENTRIES_LOOKED_AT = 5000


class LiveSources:
    """Ask the running system."""

    def __init__(self, context: Context, snapshot_wait_s: float = SNAPSHOT_WAIT_S) -> None:
        self._context = context
        self._snapshot_wait_s = snapshot_wait_s
        self._lake = Lake(context.settings.lake_path)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def known(self) -> Mapping[PositionKey, Position] | None:
        found = self._context.snapshots.all()
        return None if found is None else {position.key: position for position in found[1]}

    def fresh_snapshot(self, since: datetime) -> Found | None:
        board = self._context.snapshots
        self._context.commands.send(PollNow(reason="reconcile"))
        until = time.monotonic() + self._snapshot_wait_s
        while time.monotonic() < until:
            head = board.head()
            if head is not None and head.requested_at >= since:
                found = board.all()
                if found is not None and found[0].requested_at >= since:
                    return found
            time.sleep(LOOK_S)
        return None

    def book(self, account: str | None, broker: Sequence[Position]) -> Book:
        # Before the book: what lands in between is in the book and merely looks under way.
        entries = self._entries()
        landing = {
            *(row.key for row in unfinished_items(self._lake)),
            *holdings_under_way(entries),
        }
        registry = open_registry(self._lake.address)
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
                    found.update((one.life_id, one) for one in from_rows(entry.rows, Break))
                case _:
                    pass
        return [one for one in found.values() if one.state != "healed"]

    def _entries(self) -> Sequence[Entry]:
        return self._context.landing.read(0, ENTRIES_LOOKED_AT)
