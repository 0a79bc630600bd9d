"""Poller: asks for positions at every interval, and at once when a caller needs them.

A request that TWS refuses, or does not answer, is repeated after a pause that grows, and ends
nothing: streams go on. Whether the connection itself is dead is seen elsewhere. A request that is
under way when TWS loses IB is given up: its answer may be of either side of the loss, and where
none comes the poll after the loss would wait for it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from slotwise.errors import BrokerError
from slotwise.position import Snapshot
from workers.gateway.broker import Broker
from workers.gateway.position_answer import PositionAnswer

log = structlog.get_logger(__name__)

#: A poll for another caller waits this long for more of them, seconds: two reconciliations that are
#: asked for at once share it.
GATHER_S = 0.1
#: Questions kept while no answer comes: more than are asked in the time that they wait.
QUESTIONS_KEPT = 100
#: Pauses after polls that failed in a row, seconds; the last one stays. It leaves room to close
#: within 90 s of TWS being well what was closed meanwhile: before it a request may have waited 10 s
#: in vain, and `missing.AGREED_S` follow.
RETRY_S = (1.0, 2.0, 5.0)

#: Takes a poll that failed: the error, and when it was asked for.
OnFailed = Callable[[BrokerError, datetime], None]


class Poller:
    """Take one snapshot after another, never two at once."""

    def __init__(
        self,
        broker: Broker,
        interval_s: float,
        take: Callable[[Snapshot], Awaitable[None]],
        on_failed: OnFailed = lambda error, requested_at: None,
        *,
        gather_s: float = GATHER_S,
    ) -> None:
        self.polled_at: datetime | None = None
        #: Polls that failed in a row.
        self.failures = 0
        self._broker = broker
        self._interval_s = interval_s
        self._take = take
        self._on_failed = on_failed
        self._gather_s = gather_s
        self._wanted = asyncio.Event()
        self._ready = asyncio.Event()
        self._at_once = False
        #: Questions that no snapshot has answered yet.
        self._questions: tuple[str, ...] = ()
        self._under_way: asyncio.Task[PositionAnswer] | None = None

    def request(self, *, shared: bool = False, question: str = "") -> None:
        """Ask for a poll that starts after now; requests until then share it.

        A `shared` one waits a moment for others to join. The snapshot names each `question`.
        """
        if question:
            self._questions = (*self._questions, question)[-QUESTIONS_KEPT:]
        self._at_once = self._at_once or not shared
        self._wanted.set()

    def pause(self) -> None:
        """Give up the request that is under way; the next one waits until the session is ready."""
        if self._under_way is not None:
            self._under_way.cancel()

    async def run(self, ready: asyncio.Event) -> None:
        """Poll without end, while there is a connection."""
        self._ready = ready
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
                await asyncio.sleep(self._gather_s)
            self._wanted.clear()
            self._at_once = False
            due_at = loop.time() + self._interval_s
            await self.poll()
            if self.failures:
                pause_s = RETRY_S[min(self.failures, len(RETRY_S)) - 1]
                due_at = min(due_at, loop.time() + pause_s)

    async def poll(self) -> None:
        """Take one snapshot; an answer that is not complete is none."""
        requested_at, questions = datetime.now(UTC), self._questions
        try:
            positions = await self._ask()
        except BrokerError as error:
            if not self._ready.is_set():
                log.info("poll cut short", reason=str(error))
                return
            self.failures += 1
            if self.failures == 1:
                log.warning("positions not answered", reason=str(error))
            self._on_failed(error, requested_at)
            return
        if positions is None:
            log.info("poll cut short", reason="the session is not ready any more")
            return
        if self.failures:
            log.info("positions answered again", failures=self.failures)
        self.failures = 0
        completed_at = datetime.now(UTC)
        self._questions = tuple(one for one in self._questions if one not in questions)
        await self._take(_snapshot(positions, requested_at, completed_at, questions))
        self.polled_at = completed_at

    async def _ask(self) -> PositionAnswer | None:
        """Return TWS's answer, None where `pause` came first; raises as `Broker.positions` does."""
        asking = asyncio.get_running_loop().create_task(self._broker.positions())
        self._under_way = asking
        try:
            await asyncio.wait((asking,))
        finally:
            self._under_way = None
            asking.cancel()
        return None if asking.cancelled() else asking.result()


def _snapshot(
    answer: PositionAnswer,
    requested_at: datetime,
    completed_at: datetime,
    questions: tuple[str, ...],
) -> Snapshot:
    return Snapshot(
        snapshot_id=f"{requested_at:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}",
        requested_at=requested_at,
        completed_at=completed_at,
        positions=tuple(answer),
        sequence=answer.sequence,
        certain=answer.certain,
        remarks=answer.remarks,
        unreadable=answer.unreadable,
        lacks_named_only=answer.lacks_named_only,
        questions=questions,
    )
