"""The world of a storm: what an event may need, and what an event is."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeAlias

from tests.chaos.storm.lines import Lines
from tests.chaos.storm.outsider import Held, give
from tests.chaos.storm.stand import Stand


class World:
    """Hold what an event may need."""

    def __init__(
        self,
        stand: Stand,
        lines: Lines,
        held: list[Held],
        active: tuple[int, ...],
        random: Random,
    ) -> None:
        self.stand, self.lines, self.held = stand, lines, held
        self.legs, self.active, self.random = active, len(active), random
        #: Processes that one event may kill.
        self.may_kill = 1
        #: Processes that were killed just now, each with the kind of the kill.
        self.killed: list[tuple[str, int]] = []
        #: Files of rows, without a commit, that were found in the place of the lake.
        self.strays = 0
        #: Promises that were seen broken while it happened.
        self.broken: list[str] = []

    def kill(self, kind: str, pid: int) -> None:
        """Kill a process; it is counted when it is dead."""
        self.stand.kill(pid)
        self.killed.append((kind, pid))

    def give(self, **command: object) -> str:
        """Give the simulator a command; return the command as text."""
        give(self.stand.control_port, **command)
        return str(command)


#: Does it and says what was done; raises OutsideError where it cannot be done now.
Event: TypeAlias = Callable[[World], str]
