"""A gateway that polls when it is told to, and holds what a test says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from slotwise.bus.answers import Answers
from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, EvidenceAsked, PollNow
from slotwise.position import Position
from slotwise.reconciliation.evidence import Evidence
from tests.support.values import ACCOUNT, snapshot

#: The gateway looks for commands this often, milliseconds.
TOLD_MS = 50


@contextmanager
def gateway(bus: Bus, *positions: Position) -> Iterator[None]:
    """Answer each `PollNow` with a snapshot of these positions, and questions with nothing."""
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
                    case EvidenceAsked(question=question):
                        Answers(bus).give(question, Evidence(asked_at=when, accounts=(ACCOUNT,)))
                    case _:
                        pass

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
