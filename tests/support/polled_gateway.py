"""A gateway that polls at a command, and holds what a test gives it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, EvidenceAsked, PollNow
from slotwise.bus.replies import Answers
from slotwise.position import Position
from slotwise.reconciliation.evidence import Evidence
from tests.support.values import ACCOUNT, snapshot

#: The gateway looks for commands this often, milliseconds.
WAIT_MS = 50


@contextmanager
def gateway(bus: Bus, *positions: Position, ahead_s: float = 0.0) -> Iterator[None]:
    """Answer each `PollNow` with a snapshot of these positions, and questions with nothing.

    Its clock is ahead of ours, or behind.
    """
    ended = threading.Event()

    def run() -> None:
        place = "0-0"
        while not ended.is_set():
            place, commands = Commands(bus).receive(place, WAIT_MS)
            for command in commands:
                when = datetime.now(UTC) + timedelta(seconds=ahead_s)
                match command:
                    case PollNow(question=question):
                        name = f"fresh-{when.isoformat()}"
                        taken = snapshot(name, *positions, when=when)
                        taken = msgspec.structs.replace(taken, questions=(question,))
                        SnapshotBoard(bus).put(taken)
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
