"""A Redis that is not there, or is no Redis, is a BusError of one line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, RegistryChanged
from slotwise.bus.landing_stream import LandingStream
from slotwise.bus.leases import Lease
from slotwise.bus.status import QueueStatus, StatusBoard
from slotwise.errors import BusError
from slotwise.rules.landing import Rows
from tests.support.values import position, quote, snapshot
from workers.stack.ports import free_port


@pytest.fixture
def nowhere() -> Bus:
    """A bus to a port on which nothing listens."""
    return Bus(f"redis://127.0.0.1:{free_port()}/0")


USES: dict[str, Callable[[Bus], object]] = {
    "ping": lambda bus: bus.ping(),
    "snapshot head": lambda bus: SnapshotBoard(bus).head(),
    "snapshot get": lambda bus: SnapshotBoard(bus).get([]),
    "snapshot all": lambda bus: SnapshotBoard(bus).all(),
    "snapshot put": lambda bus: SnapshotBoard(bus).put(snapshot("s", position(1))),
    "snapshot amend": lambda bus: SnapshotBoard(bus).amend(position(1)),
    "quotes get": lambda bus: QuoteBoard(bus).get([1]),
    "quotes put": lambda bus: QuoteBoard(bus).put([quote(1)]),
    "stream append": lambda bus: LandingStream(bus).append(Rows("t")),
    "stream read": lambda bus: LandingStream(bus).read(0, 1),
    "stream drop": lambda bus: LandingStream(bus).drop(1),
    "stream length": lambda bus: LandingStream(bus).length(),
    "stream never_below": lambda bus: LandingStream(bus).never_below(1),
    "commands send": lambda bus: Commands(bus).send(RegistryChanged()),
    "commands newest": lambda bus: Commands(bus).newest(),
    "commands receive": lambda bus: Commands(bus).receive("0-0", 1),
    "status get": lambda bus: StatusBoard(bus).get(QueueStatus),
    "lease": lambda bus: Lease(bus, "x").held().__enter__(),
}


@pytest.mark.parametrize("use", USES)
def test_an_unreachable_redis_is_a_bus_error_of_one_line(nowhere: Bus, use: str) -> None:
    with pytest.raises(BusError) as raised:
        USES[use](nowhere)
    assert "\n" not in str(raised.value)


def test_an_address_that_is_none_is_a_bus_error_that_names_the_variable() -> None:
    with pytest.raises(BusError, match="REDIS_URL 'no-address'"):
        Bus("no-address")


def test_keys_are_under_the_prefix(bus: Bus) -> None:
    assert bus.key("a", "b") == f"{bus.prefix}a:b"
