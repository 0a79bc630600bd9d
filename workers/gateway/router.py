"""Router: each snapshot and each push goes to the board, the handlers and the queue."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog

from slotwise.bus.board import SnapshotBoard
from slotwise.contract import PositionKey
from slotwise.position import Position, Snapshot
from slotwise.position_queue import POLLED, NewItem
from workers.gateway.active import Active
from workers.gateway.insertions import Insertions
from workers.gateway.publisher import Publisher, Step
from workers.gateway.routing import Portfolio, new_item, pushed_item, route

log = structlog.get_logger(__name__)

#: A closed holding stays on the board with quantity 0 for this long, so that its batch finds it.
CLOSED_KEPT = timedelta(minutes=10)
#: And is asked for again for this long: three leases.
CLOSED_REPEATED = timedelta(seconds=75)


class Router:
    """Hold the portfolio as last heard, and pass on every change of it."""

    def __init__(
        self,
        publisher: Publisher,
        board: SnapshotBoard,
        insertions: Insertions,
        stream: Callable[[Position], None],
    ) -> None:
        self.portfolio = Portfolio()
        self.active = Active()
        self._publisher = publisher
        self._board = board
        self._insertions = insertions
        self._stream = stream
        self._closed: dict[PositionKey, Position] = {}
        self._routing = False
        self._pushed: deque[Position] = deque()

    def begin(self, positions: Sequence[Position], now: datetime) -> None:
        """Start from the board of an earlier gateway, to notice what closed meanwhile."""
        self.portfolio = Portfolio(positions)
        self._keep_closed([p for p in positions if p.quantity == 0], now)
        self.repeat_closed(now)

    def repeat_closed(self, now: datetime) -> None:
        """Queue what was closed lately again: it may have been lost on its way to the lake.

        Nothing else would ever ask for it, and its row does no harm twice.
        """
        items = [
            new_item(f"again-{now.isoformat()}", position, POLLED)
            for position in self._closed.values()
            if position.contract.con_id not in self.active.wanted
        ]
        self._insert(items, now)

    async def take(self, snapshot: Snapshot) -> None:
        """Pass on a complete snapshot; pushes that come meanwhile are passed on after it."""
        self._routing = True
        try:
            # A thread: 10,000 hashes would stop the ticks for 60 ms.
            routing = await asyncio.to_thread(route, snapshot, self.portfolio, self.active)
        finally:
            self._routing = False
        self.portfolio = routing.portfolio
        at = snapshot.completed_at
        self._keep_closed(routing.closed, at)
        self._publisher.send(
            partial(self._board.put, self._with_closed(snapshot)),
            partial(self._insertions.insert, routing.queued, at),
            slot="snapshot",
        )
        # Not part of the job above: a newer snapshot replaces that, but not this news.
        self._insert([*routing.queued_closed, *self._closed_before(snapshot)], at)
        for position in routing.streamed:
            self._stream(position)
        log.info(
            "snapshot",
            positions=len(routing.portfolio.by_key),
            active=len(routing.streamed),
            queued=len(routing.queued),
            closed=len(routing.closed),
        )
        while self._pushed:
            self._pass_on(self._pushed.popleft())

    def push(self, position: Position) -> None:
        """Pass on a change that TWS told of between polls."""
        if self._routing:
            self._pushed.append(position)
        else:
            self._pass_on(position)

    def _pass_on(self, position: Position) -> None:
        known = self.portfolio.by_key.get(position.key)
        if known is None and position.quantity == 0:
            return
        self.portfolio.amend(position)
        if position.quantity == 0:
            self._keep_closed((position,), position.observed_at)
        steps: list[Step] = [partial(self._board.amend, position)]
        if position.contract.con_id in self.active.wanted:
            self._stream(position)
        else:
            items = [pushed_item(position)]
            insert = partial(self._insertions.insert, changed=True)
            steps.append(partial(insert, items, position.observed_at))
        self._publisher.send(*steps)
        log.info(
            "position changed",
            account=position.account,
            contract=position.contract.label,
            quantity=str(position.quantity),
        )

    def _keep_closed(self, closed: Sequence[Position], now: datetime) -> None:
        self._closed.update((position.key, position) for position in closed)
        self._closed = {
            key: position
            for key, position in self._closed.items()
            if now - position.observed_at < CLOSED_KEPT and key not in self.portfolio.by_key
        }

    def _closed_before(self, snapshot: Snapshot) -> list[NewItem]:
        """Ask again for what was closed a poll or two ago.

        A batch may have read the board just before the close, and answer for the item that was
        to tell of it; after the next poll or two no such batch is left.
        """
        at = snapshot.completed_at
        return [
            new_item(snapshot.snapshot_id, position, POLLED)
            for position in self._closed.values()
            if timedelta(0) < at - position.observed_at < CLOSED_REPEATED
            and position.contract.con_id not in self.active.wanted
        ]

    def _with_closed(self, snapshot: Snapshot) -> Snapshot:
        """Add what was closed lately; it takes the place of TWS's own rows of quantity 0."""
        if not self._closed:
            return snapshot
        rest = (p for p in snapshot.positions if p.key not in self._closed)
        return msgspec.structs.replace(snapshot, positions=(*rest, *self._closed.values()))

    def _insert(self, items: Sequence[NewItem], at: datetime) -> None:
        if items:
            self._publisher.send(partial(self._insertions.insert, items, at, changed=True))
