"""Poller: asks for positions at every interval, and at once when somebody needs to know."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from slotwise.errors import BrokerError, BrokerTimeoutError
from slotwise.position import Snapshot
from workers.gateway.broker import Broker

log = structlog.get_logger(__name__)

#: Answers that may stay away in a row before the connection is given up.
TIMEOUTS_ALLOWED = 1
#: A poll for somebody else waits so long for more of them, seconds: two reconciliations that are
#: asked for at once share it.
GATHER_S = 0.1


class Poller:
    """Take one snapshot after another, never two at once."""

    def __init__(
        self,
        broker: Broker,
        interval_s: float,
        take: Callable[[Snapshot], Awaitable[None]],
        on_silent: Callable[[str], None],
    ) -> None:
        self.polled_at: datetime | None = None
        self._broker = broker
        self._interval_s = interval_s
        self._take = take
        self._on_silent = on_silent
        self._wanted = asyncio.Event()
        self._timeouts = 0
        self._at_once = False

    def request(self, *, shared: bool = False) -> None:
        """Ask for a poll that starts after now; requests until then share it.

        A `shared` one waits a moment for others to join.
        """
        self._at_once = self._at_once or not shared
        self._wanted.set()

    async def run(self, ready: asyncio.Event) -> None:
        """Poll for ever, while there is a connection."""
        loop = asyncio.get_running_loop()
        due_at = loop.time()
        while True:
            try:
                async with asyncio.timeout_at(due_at):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            await ready.wait()
            if self._wanted.is_set() and not self._at_once:
                await asyncio.sleep(GATHER_S)
            self._wanted.clear()
            self._at_once = False
            due_at = loop.time() + self._interval_s
            await self.poll()

    async def poll(self) -> None:
        """Take one snapshot; an answer that is not complete is none."""
        requested_at = datetime.now(UTC)
        try:
            positions = await self._broker.positions()
        except BrokerTimeoutError as error:
            self._timeouts += 1
            log.warning("no complete snapshot", reason=str(error))
            self.request()
            if self._timeouts > TIMEOUTS_ALLOWED:
                self._timeouts = 0
                self._on_silent(str(error))
            return
        except BrokerError as error:
            log.info("poll cut short", reason=str(error))
            return
        self._timeouts = 0
        completed_at = datetime.now(UTC)
        await self._take(
            Snapshot(
                snapshot_id=f"{requested_at:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}",
                requested_at=requested_at,
                completed_at=completed_at,
                positions=positions,
            )
        )
        self.polled_at = completed_at
