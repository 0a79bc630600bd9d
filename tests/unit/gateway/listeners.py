"""A listener that keeps what the broker sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from slotwise.position import Position
from workers.gateway.broker import Refusal, Upstream
from workers.gateway.lines.streamer import Streamer

T = TypeVar("T")
#: What is waited for comes within this on a machine that runs many other tests, seconds; how fast
#: it comes is no claim.
TIMEOUT_S = 30.0
#: What is waited for is looked for this often at first, then less and less: some conditions read
#: all that has landed.
FIRST_PAUSE_S, PAUSE_GROWS, LONGEST_PAUSE_S = 0.001, 1.2, 0.02


class Remembering:
    """Remember each call, and let a test wait for it."""

    def __init__(self) -> None:
        self.positions: asyncio.Queue[Position] = asyncio.Queue()
        self.refusals: asyncio.Queue[tuple[int, Refusal]] = asyncio.Queue()
        self.reroutes: list[tuple[int, int]] = []
        self.upstream: asyncio.Queue[tuple[Upstream, str]] = asyncio.Queue()
        self.ends: asyncio.Queue[str] = asyncio.Queue()
        #: Refusals and news of the connection to IB, in the order they came.
        self.notes: list[str] = []

    def on_position(self, position: Position) -> None:
        self.positions.put_nowait(position)

    def on_line_answered(self, con_id: int) -> None:
        pass

    def on_rerouted(self, con_id: int, to_con_id: int) -> None:
        self.reroutes.append((con_id, to_con_id))

    def on_line_refused(self, con_id: int, refusal: Refusal) -> None:
        self.notes.append(f"refused {refusal.code}")
        self.refusals.put_nowait((con_id, refusal))

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        self.notes.append(upstream.name)
        self.upstream.put_nowait((upstream, reason))

    def on_disconnected(self, reason: str) -> None:
        self.ends.put_nowait(reason)


class LineListener(Remembering):
    """A listener that passes on to a streamer what it receives on lines."""

    def __init__(self, streamer: Streamer) -> None:
        super().__init__()
        self._streamer = streamer

    def on_line_answered(self, con_id: int) -> None:
        self._streamer.line_answered(con_id)

    def on_line_refused(self, con_id: int, refusal: Refusal) -> None:
        self._streamer.line_refused(con_id, refusal)


async def soon(queue: asyncio.Queue[T]) -> T:
    """Wait for the next call, up to a limit."""
    return await asyncio.wait_for(queue.get(), TIMEOUT_S)


async def until(condition: Callable[[], object], timeout_s: float = TIMEOUT_S) -> None:
    """Let the loop run until a condition holds; for what has no event."""
    pause_s = FIRST_PAUSE_S
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * PAUSE_GROWS, LONGEST_PAUSE_S)
