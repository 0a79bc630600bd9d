"""One read-only connection of a probe, which keeps every message and closes what it opened."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence, Set

from slotwise.contract import Contract
from slotwise.errors import BrokerError
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.wire.frame import Direction, Frame
from slotwise.wire.splitter import Splitter, fields_of
from workers.gateway.broker import Refusal, Upstream
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.wire_log import Tap
from workers.probe.times import ProbeTimes

#: Frames that are remembered; a probe of 15 minutes with 100 lines has about as many.
MOST_FRAMES = 500_000


class MemoryTap:
    """Every message of the connection, passed on to a recording, if there is one."""

    def __init__(self, frames: list[Frame], other: Tap | None) -> None:
        self._frames = frames
        self._other = other
        self._splitter = Splitter()
        self._greeted: set[str] = set()

    def sent(self, body: bytes) -> None:
        """Keep a message that is sent."""
        self._add("client", body)
        if self._other is not None:
            self._other.sent(body)

    def received(self, data: bytes) -> None:
        """Keep what has arrived."""
        for body in self._splitter.feed(data):
            self._add("tws", body)
        if self._other is not None:
            self._other.received(data)

    def closed(self) -> None:
        """Pass the end on."""
        if self._other is not None:
            self._other.closed()

    def _add(self, sender: Direction, body: bytes) -> None:
        handshake = sender not in self._greeted
        self._greeted.add(sender)
        if len(self._frames) < MOST_FRAMES:
            self._frames.append(Frame(time.monotonic(), 1, sender, fields_of(body), handshake))


class ProbeSession:
    """Own the connection; listens to it, paces requests, and ends everything at its end."""

    def __init__(
        self,
        host: str,
        port: int,
        client_id: int,
        *,
        times: ProbeTimes | None = None,
        delayed: bool = False,
        recording: Callable[[], Tap] | None = None,
    ) -> None:
        self.times = times or ProbeTimes()
        self.frames: list[Frame] = []
        self.refused: dict[int, Refusal] = {}
        #: Why the connection ended; empty while it is there.
        self.ended = ""
        self._gone = asyncio.Event()
        self.broker = IbBroker(
            host,
            port,
            client_id,
            delayed=delayed,
            tap=lambda: MemoryTap(self.frames, recording() if recording is not None else None),
        )
        self.broker.listen(self)
        self._open: set[int] = set()
        self._sent_at = 0.0

    async def connect(self) -> None:
        """Connect; raises BrokerUnreachableError with one line for a person."""
        await self.broker.connect(self.times.connect_s)

    async def close(self) -> None:
        """Cancel every line that is open, and end the connection."""
        try:
            if not self.ended:
                await self.close_lines()
        finally:
            await self.broker.disconnect()

    async def pace(self) -> None:
        """Wait for the turn of the next request; raises BrokerError once the connection is gone."""
        await self.wait(self._sent_at + self.times.gap_s - time.monotonic())
        self._sent_at = time.monotonic()

    async def wait(self, seconds: float) -> None:
        """Wait; raises BrokerError as soon as the connection is gone."""
        if not self._gone.is_set() and seconds > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._gone.wait()
        if self._gone.is_set():
            raise BrokerError(f"the connection ended: {self.ended}")

    async def open_line(self, contract: Contract) -> None:
        """Ask for a line."""
        await self.pace()
        self.refused.pop(contract.con_id, None)
        self.broker.open_line(contract, _ignore)
        self._open.add(contract.con_id)

    async def close_line(self, con_id: int) -> None:
        """Cancel a line."""
        if con_id in self._open:
            await self.pace()
            self._open.discard(con_id)
            self.broker.close_line(con_id)

    async def close_lines(self) -> None:
        """Cancel every line."""
        for con_id in list(self._open):
            await self.close_line(con_id)

    def held_but(self, denied: Set[int]) -> int:
        """Return how many lines are open, less those that were refused or denied."""
        return len(self._open - self.refused.keys() - denied)

    # Unrequested messages of the broker.

    def on_position(self, position: Position) -> None:
        """Ignore a push: nothing depends on it."""

    def on_line_answered(self, con_id: int) -> None:
        """Ignore it: nothing depends on it."""

    def on_line_refused(self, con_id: int, refusal: Refusal) -> None:
        """Note a refusal."""
        self.refused[con_id] = refusal
        self._open.discard(con_id)

    def on_rerouted(self, con_id: int, to_con_id: int) -> None:
        """Ignore it: nothing depends on it."""

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        """Notices are read from the messages."""

    def on_disconnected(self, reason: str) -> None:
        """Note the end of the connection, and of all lines with it."""
        self.ended = reason
        self._open.clear()
        self._gone.set()


def _ignore(_: Sequence[Quote]) -> None:
    """Leave quotes alone: they are read from the messages."""
