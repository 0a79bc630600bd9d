"""Commands reach the gateway, also across an absence of Redis."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.commands import Command, Commands, PollNow, RegistryChanged
from slotwise.errors import BusError
from workers.gateway.command_listener import CommandListener


class Heard:
    """A listener and what it received."""

    def __init__(self, commands: Commands) -> None:
        self.commands: queue.Queue[Command] = queue.Queue()
        self.gaps = threading.Semaphore(0)
        self.listener = CommandListener(commands, self.commands.put, self.gaps.release)

    def next(self) -> Command:
        return self.commands.get(timeout=10)


@pytest.fixture
def heard(bus: Bus) -> Iterator[Heard]:
    made = Heard(Commands(bus))
    made.listener.start()
    yield made
    made.listener.close()


def test_commands_come_in_order(bus: Bus, heard: Heard) -> None:
    """Each is received once."""
    sent: list[Command] = [PollNow("a"), RegistryChanged(), PollNow("b")]
    for command in sent:
        Commands(bus).send(command)
    assert [heard.next() for _ in sent] == sent
    assert heard.commands.empty()


def test_what_was_sent_before_is_not_received(bus: Bus) -> None:
    """A gateway that starts reads the registry itself."""
    Commands(bus).send(PollNow("old"))
    heard = Heard(Commands(bus))
    heard.listener.start()
    Commands(bus).send(PollNow("new"))
    assert heard.next() == PollNow("new")
    heard.listener.close()


class Flaky(Commands):
    """Commands on a Redis that goes away once, with everything sent meanwhile."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self.away = threading.Event()

    def receive(self, after: str, wait_ms: int) -> tuple[str, list[Command]]:
        if self.away.is_set():
            self.away.clear()
            raise BusError("away")
        return super().receive(after, 50)


def test_an_absence_is_reported_as_a_gap(bus: Bus) -> None:
    """The work of missed commands is done, and commands after them are received."""
    commands = Flaky(bus)
    heard = Heard(commands)
    heard.listener.start()
    commands.away.set()
    assert heard.gaps.acquire(timeout=10)
    commands.send(PollNow("after"))
    assert heard.next() == PollNow("after")
    heard.listener.close()
