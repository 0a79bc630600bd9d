"""ExecutionKeeper: the day's executions, listed by TWS now and then, and kept in the lake.

Executions of other clients and of TWS itself are not sent unasked. They are listed

* after each connection, when `Holdings` or this asks first, so that none is missed;
* soon after a quantity has changed, at most once in 30 s;
* every five minutes, for corrections and for what was opened and closed in between.

An execution is sent to the lake once, with its commission; one whose commission does not come is
sent without after a minute. The lake worker leaves out what has landed before a restart.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import structlog

from slotwise.contract import PositionKey
from slotwise.errors import BrokerError, BrokerTimeoutError
from slotwise.lake.misfits import MisfitLog
from slotwise.lake.schemas import EXECUTIONS
from slotwise.position import Position
from slotwise.position_writer import Append
from slotwise.reconciliation.evidence import Execution
from slotwise.rules.landing import Rows
from workers.gateway.broker import Broker

log = structlog.get_logger(__name__)

#: Time between two comparisons of quantities, seconds.
LOOK_S = 2.0
#: Between two requests after a change, seconds; and where nothing has changed.
SOON_S, INTERVAL_S = 30.0, 300.0
#: After a request that failed, and after one that was never answered, seconds: some versions of TWS
#: never answer (ib_async #54, #82, #137).
RETRY_S, HANGS_S = 60.0, 300.0
#: Longest wait for a commission, seconds.
COMMISSION_S = 60.0


class ExecutionKeeper:
    """Executions for callers and for the lake; at most one request per change."""

    def __init__(
        self,
        broker: Broker,
        append: Append,
        held: Callable[[], Mapping[PositionKey, Position]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._broker = broker
        self._append = append
        self._held = held
        self._clock = clock
        self._misfits = MisfitLog(EXECUTIONS.name)
        #: When the next request is due, seconds of the clock, and when one after a change is.
        self._due_at, self._soon_at = 0.0, 0.0
        #: Quantities when executions were listed last.
        self._quantities: Mapping[PositionKey, Decimal] = {}
        #: Ids of the last list that were sent to the lake, and since when others wait.
        self._sent: set[str] = set()
        self._waiting: dict[str, float] = {}
        #: Sessions that began: a failure of a request from before the last one puts nothing off.
        self._sessions = 0

    def session_began(self) -> None:
        """List again soon: executions of the time without a connection were not seen."""
        self._due_at = self._soon_at = 0.0
        self._sessions += 1

    async def run(self, ready: asyncio.Event) -> None:
        """List executions without end, while there is a connection."""
        while True:
            await asyncio.sleep(LOOK_S)
            await ready.wait()
            await self.step()

    async def step(self) -> None:
        """List executions where it is due."""
        now = self._clock()
        if now >= self._due_at or (now >= self._soon_at and self._is_news_likely()):
            try:
                await self.ask()
            except BrokerError as error:
                log.info("executions not listed", reason=str(error))

    async def ask(self) -> tuple[Execution, ...]:
        """Return the day's executions, and send new ones to the lake; raises BrokerError."""
        quantities, session = _quantities(self._held()), self._sessions
        self._put_off(INTERVAL_S, SOON_S)
        try:
            listed = await self._broker.executions()
        except BrokerError as error:
            if session == self._sessions:
                wait_s = HANGS_S if isinstance(error, BrokerTimeoutError) else RETRY_S
                self._put_off(wait_s, wait_s)
            raise
        self._quantities = quantities
        self._keep(listed)
        return listed

    def _put_off(self, due_s: float, soon_s: float) -> None:
        now = self._clock()
        self._due_at, self._soon_at = now + due_s, now + soon_s

    def _is_news_likely(self) -> bool:
        return bool(self._waiting) or self._quantities != _quantities(self._held())

    def _keep(self, listed: Sequence[Execution]) -> None:
        now = self._clock()
        waiting, rows = {}, []
        for one in listed:
            since = self._waiting.get(one.exec_id, now)
            if one.exec_id in self._sent:
                continue
            if one.commission is None and now - since < COMMISSION_S:
                waiting[one.exec_id] = since
            else:
                rows.append(one)
        self._waiting = waiting
        self._sent = {one.exec_id for one in listed if one.exec_id not in waiting}
        batch = self._misfits.batch(rows, EXECUTIONS.sent, ("exec_id",)) if rows else None
        if batch is not None:
            self._append(Rows(EXECUTIONS.name), batch)


def _quantities(held: Mapping[PositionKey, Position]) -> dict[PositionKey, Decimal]:
    return {key: position.quantity for key, position in held.items()}
