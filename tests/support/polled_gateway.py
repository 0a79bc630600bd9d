"""A gateway that polls when it is told to, and holds what a test says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow
from slotwise.position import Position
from tests.support.values import snapshot

#: The gateway looks for commands this often, milliseconds.
TOLD_MS = 50


@contextmanager
def gateway(bus: Bus, *positions: Position) -> Iterator[None]:
    """Answer each `PollNow` with a fresh snapshot of these positions, and no question."""
    ended = threading.Event()

    def run() -> None:
        place = "0-0"
        while not ended.is_set():
            place, commands = Commands(bus).receive(place, TOLD_MS)
            for command in commands:
                when = datetime.now(UTC)
                match command:
                    case PollNow():
                        name = f"fresh-{when.isoformat()}"
                        SnapshotBoard(bus).put(snapshot(name, *positions, when=when))
                    case _:
                        pass

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
