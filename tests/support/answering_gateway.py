"""A gateway that only answers which contracts TWS has, for requests over Redis."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, ContractsAsked
from slotwise.bus.replies import Answers
from slotwise.contract import Contract
from slotwise.leg import Leg
from slotwise.rules.leg_resolution import AllCandidates, LegCandidates


@contextmanager
def answering(
    bus: Bus, known: Mapping[str, tuple[Contract, ...]], error: str = ""
) -> Iterator[list[Leg]]:
    """Answer by what is known under each leg's label; yields the legs that were asked for."""
    commands, answers = Commands(bus), Answers(bus)
    asked: list[Leg] = []
    ended = threading.Event()
    place = commands.newest()

    def run() -> None:
        after = place
        while not ended.is_set():
            after, received = commands.receive(after, 50)
            for command in received:
                if isinstance(command, ContractsAsked):
                    asked.extend(command.legs)
                    found = tuple(
                        LegCandidates(leg, () if error else known.get(leg.label, ()), error)
                        for leg in command.legs
                    )
                    answers.give(command.question, AllCandidates(found))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        ended.set()
        thread.join(10)
