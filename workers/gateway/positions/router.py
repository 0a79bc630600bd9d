"""Router: each snapshot and each push goes to the board, the handlers, the queue and the lake.

Of two observations of a holding the one with the higher number is newer (`slotwise.numbering`),
whichever comes here first: a push may stand right behind the end of an answer, and be passed on
before the answer is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog

from slotwise.account import know_accounts, names_account
from slotwise.bus.board import SnapshotBoard
from slotwise.contract import PositionKey
from slotwise.numbering import Numbering, epoch_of
from slotwise.position import Position, Snapshot, is_older
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.outbox.publisher import Publisher, Step
from workers.gateway.positions.closed_rows import ClosedRows
from workers.gateway.positions.queue_inserts import Insertions
from workers.gateway.positions.routing import Portfolio, closed_at, pushed_item, route

log = structlog.get_logger(__name__)

#: A closed holding stays on the board with quantity 0 for this long: a batch that was to poll it
#: finds it there, and nothing older opens it again.
CLOSED_KEPT = timedelta(minutes=10)


class Router:
    """Hold the portfolio as last observed, and pass on every change of it."""

    def __init__(
        self,
        publisher: Publisher,
        board: SnapshotBoard,
        insertions: Insertions,
        stream: Callable[[Position], None],
        numbering: Numbering | None = None,
    ) -> None:
        self.portfolio = Portfolio()
        self.active = ActiveContracts()
        self._publisher = publisher
        self._board = board
        self._insertions = insertions
        self._stream = stream
        self._numbering = numbering or Numbering()
        self._rows = ClosedRows(insertions.keeper)
        self._closed: dict[PositionKey, Position] = {}
        #: Holdings that only the lake has.
        self._unconfirmed: set[PositionKey] = set()
        self._routing = False
        self._pushed: deque[tuple[Position, str]] = deque()

    def begin(
        self,
        positions: Sequence[Position],
        now: datetime,
        unconfirmed: Collection[PositionKey] = (),
    ) -> None:
        """Start from what an earlier gateway left, to find what closed in between.

        Earlier versions took a row of TWS without an account for a holding, which never closes:
        TWS lists it no more, and its name stands for all accounts.
        """
        newest = max((position.sequence or 0 for position in positions), default=0)
        self._numbering.begin(epoch_of(newest) + 1)
        positions = [one for one in positions if names_account(one.account)]
        know_accounts(position.account for position in positions)
        self._unconfirmed = {key for key in unconfirmed if names_account(key[0])}
        self.portfolio = Portfolio(positions)
        closed = [position for position in positions if position.quantity == 0]
        # The earlier gateway may have been killed before their rows were on disk.
        again = [closed_at(position, now, self._numbering.next()) for position in closed]
        self._rows.keep(again)
        self._keep_closed(again, now)

    def adopt(self, open_in_lake: Sequence[Position]) -> int:
        """Take holdings that the lake has open as held until TWS disproves it; count them.

        Those without an account, of earlier versions, are none, as at the start.
        """
        open_in_lake = [one for one in open_in_lake if names_account(one.account)]
        know_accounts(position.account for position in open_in_lake)
        held = self.portfolio.by_key
        new = [p for p in open_in_lake if p.key not in held and p.key not in self._closed]
        for position in new:
            self.portfolio.amend(position)
        self._unconfirmed.update(position.key for position in new)
        return len(new)

    def confirmed(self, con_id: int) -> list[Position]:
        """List the holdings of a contract that TWS or an earlier gateway's board has listed."""
        held = self.portfolio.of(con_id)
        if not self._unconfirmed:
            return held
        return [position for position in held if position.key not in self._unconfirmed]

    async def take(self, snapshot: Snapshot, reasons: Mapping[PositionKey, str] = {}) -> None:
        """Pass on a complete snapshot; pushes that come in that time are passed on after it."""
        if snapshot.sequence is None:
            snapshot = _numbered(snapshot, self._numbering.next())
        self._routing = True
        try:
            # A thread: 10,000 hashes would stop the ticks for 60 ms.
            routing = await asyncio.to_thread(
                route, snapshot, self.portfolio, self.active, self._closed
            )
        finally:
            self._routing = False
        self.portfolio = routing.portfolio
        self._unconfirmed &= snapshot.unseen
        at = snapshot.completed_at
        self._close(routing.closed, at, reasons)
        self._publisher.send(
            partial(self._board.put, self._for_board(snapshot)),
            partial(self._insertions.insert, routing.queued, at),
            slot="snapshot",
        )
        for position in routing.streamed:
            self._stream(position)
        log.info(
            "snapshot",
            positions=len(routing.portfolio.by_key),
            active=len(routing.streamed),
            queued=len(routing.queued),
            closed=len(routing.closed),
            unseen=len(snapshot.unseen),
        )
        while self._pushed:
            self._pass_on(*self._pushed.popleft())

    def push(self, position: Position, reason: str = "") -> None:
        """Pass on a change that came between polls."""
        position = self._numbered(position)
        if self._routing:
            self._pushed.append((position, reason))
        else:
            self._pass_on(position, reason)

    def _pass_on(self, position: Position, reason: str) -> None:
        known = self.portfolio.by_key.get(position.key)
        newest = known or self._closed.get(position.key)
        if is_older(position, newest):
            return
        if known is None and position.quantity == 0:
            # It may be newer than an answer that has not been taken yet.
            self._closed[position.key] = position
            return
        self.portfolio.amend(position)
        self._unconfirmed.discard(position.key)
        if known is not None and _is_unchanged(position, known):
            return
        if position.quantity == 0:
            self._close((position,), position.observed_at, {position.key: reason})
        else:
            self._closed.pop(position.key, None)
        steps: list[Step] = [partial(self._board.amend, position)]
        if position.contract.con_id in self.active.wanted:
            self._stream(position)
        elif position.quantity != 0:
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

    def _close(
        self, closed: Sequence[Position], at: datetime, reasons: Mapping[PositionKey, str]
    ) -> None:
        """Keep rows of what has closed, before anything else is done about it."""
        self._rows.keep(closed)
        self._keep_closed(closed, at)
        for position in closed:
            log.info(
                "position closed",
                account=position.account,
                contract=position.contract.label,
                reason=reasons.get(position.key) or "TWS does not list it",
            )

    def _keep_closed(self, closed: Sequence[Position], now: datetime) -> None:
        self._closed.update((position.key, position) for position in closed)
        self._closed = {
            key: position
            for key, position in self._closed.items()
            if abs(now - position.observed_at) < CLOSED_KEPT and key not in self.portfolio.by_key
        }

    def _for_board(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with what is newer than it, and with what was closed lately."""
        held = self.portfolio.by_key
        return msgspec.structs.replace(snapshot, positions=(*held.values(), *self._closed.values()))

    def _numbered(self, position: Position) -> Position:
        if position.sequence is not None:
            return position
        return msgspec.structs.replace(position, sequence=self._numbering.next())


def _numbered(snapshot: Snapshot, number: int) -> Snapshot:
    positions = tuple(
        one if one.sequence is not None else msgspec.structs.replace(one, sequence=number)
        for one in snapshot.positions
    )
    return msgspec.structs.replace(snapshot, sequence=number, positions=positions)


def _is_unchanged(position: Position, known: Position) -> bool:
    return (
        position.quantity == known.quantity
        and position.avg_cost == known.avg_cost
        and position.contract == known.contract
    )
