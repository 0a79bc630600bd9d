"""ContractFetch: details of all that is held, watched or active, one after another.

Most important first: active contracts, the watchlist, what is held. Quotes and activations go
before: look-ups take a part of the messages only, and none where there is no room for a quote.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable

from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.message_budget import FOR_LOOK_UPS, WINDOW_S, MessageBudget

#: Maximum concurrent look-ups: a TWS that is far away slows them down by no more.
AT_ONCE = 8
#: Look-ups are evenly spread, this far apart, seconds. TWS counts what it reads, and reads late
#: what came while it was busy: a burst would meet the burst of the next second.
GAP_S = WINDOW_S / FOR_LOOK_UPS
#: A timer that was late may catch up by this many look-ups, not by a burst.
CATCH_UP = 2


class ContractFetch:
    """Ask for the details that are missing, within the message budget."""

    def __init__(
        self,
        book: ContractCache,
        messages: MessageBudget,
        on_done: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._book = book
        self._messages = messages
        self._on_done = on_done
        self._clock = clock
        self._waiting: deque[int] = deque()
        self._wanted = asyncio.Event()
        self._tasks: set[asyncio.Task[object]] = set()
        self._next_at = 0.0

    @property
    def waiting(self) -> int:
        """Count the contracts whose details are still to be asked for."""
        return len(self._waiting)

    def want(self, con_ids: Iterable[int]) -> None:
        """Ask for the details of these contracts, the first first, as far as they are missing."""
        needs = self._book.needs_details
        self._waiting = deque(con_id for con_id in dict.fromkeys(con_ids) if needs(con_id))
        if self._waiting:
            self._wanted.set()

    def want_first(self, con_id: int) -> None:
        """Ask for the details of one contract before all others."""
        self._waiting.appendleft(con_id)
        self._wanted.set()

    async def run(self, ready: asyncio.Event) -> None:
        """Ask while there is a connection, until cancelled."""
        try:
            while True:
                await self._wanted.wait()
                await ready.wait()
                await self.step()
        finally:
            for task in self._tasks:
                task.cancel()

    async def step(self) -> None:
        """Begin the next look-up, or wait for room to."""
        if not self._waiting:
            self._wanted.clear()
            if self._tasks:
                await asyncio.wait(self._tasks)
            self._on_done()
            return
        if len(self._tasks) >= AT_ONCE:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            return
        now = self._clock()
        wait_s = max(self._next_at, self._messages.look_up_at(now)) - now
        if wait_s > 0:
            await asyncio.sleep(wait_s)
            return
        con_id = self._waiting.popleft()
        if self._book.needs_details(con_id):
            self._messages.look_up_spent(now)
            self._next_at = max(self._next_at + GAP_S, now - CATCH_UP * GAP_S)
            task: asyncio.Task[object] = asyncio.create_task(self._book.refresh(con_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            # Its message is sent, and counted, before the next is considered.
            await asyncio.sleep(0)
