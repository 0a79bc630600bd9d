"""Commands: none is lost while the gateway is away for a moment, none is read twice."""

from __future__ import annotations

from slotwise.bus.client import Bus
from slotwise.bus.commands import KEPT, Commands, PollNow, RegistryChanged

NOT_LONG = 10


def test_commands_arrive_in_order(bus: Bus) -> None:
    commands = Commands(bus)
    place = commands.newest()
    commands.send(RegistryChanged())
    commands.send(PollNow(reason="reconcile"))
    _, received = commands.receive(place, NOT_LONG)
    assert received == [RegistryChanged(), PollNow(reason="reconcile")]


def test_a_command_is_received_once(bus: Bus) -> None:
    commands = Commands(bus)
    commands.send(RegistryChanged())
    place, received = commands.receive("0-0", NOT_LONG)
    assert received == [RegistryChanged()]
    assert commands.receive(place, NOT_LONG) == (place, [])


def test_what_was_sent_before_one_began_to_listen_is_not_received(bus: Bus) -> None:
    commands = Commands(bus)
    commands.send(RegistryChanged())
    _, received = commands.receive(commands.newest(), NOT_LONG)
    assert received == []


def test_a_command_sent_between_two_looks_is_not_lost(bus: Bus) -> None:
    commands = Commands(bus)
    place, _ = commands.receive(commands.newest(), NOT_LONG)
    commands.send(PollNow(reason="x"))
    _, received = commands.receive(place, NOT_LONG)
    assert received == [PollNow(reason="x")]


def test_commands_that_are_not_read_do_not_fill_redis(bus: Bus) -> None:
    """Redis trims in steps, so some more than asked for may stay."""
    commands = Commands(bus)
    for _ in range(2 * KEPT):
        commands.send(RegistryChanged())
    assert KEPT <= bus.redis.xlen(bus.key("commands")) < 1.5 * KEPT


def test_a_command_that_cannot_be_read_hides_no_other(bus: Bus) -> None:
    """From a newer version, or a hand: it is left out and named."""
    commands = Commands(bus)
    commands.send(PollNow(reason="before"))
    bus.redis.xadd(bus.key("commands"), {b"command": b"\xc1 no message"})
    bus.redis.xadd(bus.key("commands"), {b"other": b"field"})
    commands.send(PollNow(reason="after"))
    place, received = commands.receive("0-0", NOT_LONG)
    assert received == [PollNow(reason="before"), PollNow(reason="after")]
    assert commands.receive(place, NOT_LONG) == (place, []), "it is not read again"
