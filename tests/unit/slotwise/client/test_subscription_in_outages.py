"""A subscription goes on while Redis or the gateway is away: nothing is seen until it is back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import pytest

from slotwise.bus.status import GatewayStatus, LegStatus
from slotwise.client.events import NO_GATEWAY, Boards, Event
from slotwise.client.subscription import AWAY_S, LOOK_S, Subscription
from slotwise.errors import BusAwayError, BusError, BusVersionError
from slotwise.sighting import ConnectionState, ContractSeen, ContractUnseen
from slotwise.update import PositionUpdate
from tests.support.values import at, contract, position, quote

Read: TypeAlias = Boards | BusError

AWAY = BusAwayError("Redis: connection refused")


def boards(seconds: float, bid: int = 700, status_at: float | None = None) -> Boards:
    """Make what is read: a share of a strategy, and the gateway's status; None: there is none."""
    status = None if status_at is None else GatewayStatus(
        at=at(status_at), session="ready", detail="", limit=100, lines={}, waiting=[],
        quotes_in_flight=0, positions=1, polled_at=at(0), connected_at=at(0), ticks=0,
        handler_errors={}, legs=(LegStatus(con_id=1, label="SPY", strategies=("put",)),),
    )  # fmt: skip
    share = contract(1, symbol="SPY")
    return Boards(
        at=at(seconds),
        status=status,
        contracts={} if status is None else {1: share},
        positions=[position(1, 100, contract=share)],
        quotes={1: quote(1, bid=bid, ask=bid + 1)},
    )


def subscription(*read: Read) -> Subscription:
    """Make one that reads these, one after another."""
    left: Iterator[Read] = iter(read)

    def next_one() -> Boards:
        found = next(left)
        if isinstance(found, BusError):
            raise found
        return found

    return Subscription(next_one)


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


def test_a_redis_that_goes_away_is_events_and_its_return_too() -> None:
    following = subscription(
        boards(0, status_at=0), AWAY, AWAY, boards(9, status_at=0), boards(10, 705, status_at=10)
    )
    assert kinds(following.poll()) == [ConnectionState, PositionUpdate]
    assert (following.trouble, following.pause_s) == ("", LOOK_S)
    connection, unseen = following.poll()
    assert isinstance(connection, ConnectionState)
    assert (connection.is_ready, connection.reason) == (False, str(AWAY))
    assert isinstance(unseen, ContractUnseen)
    assert (unseen.contract.symbol, unseen.since, unseen.reason) == ("SPY", at(0), str(AWAY))
    assert (following.trouble, following.pause_s) == (str(AWAY), AWAY_S)
    assert following.poll() == []
    # Redis is back, the gateway not yet.
    [connection] = following.poll()
    assert isinstance(connection, ConnectionState)
    assert connection.reason == NO_GATEWAY
    ready, seen, update = following.poll()
    assert isinstance(ready, ConnectionState)
    assert ready.is_ready
    assert isinstance(seen, ContractSeen)
    assert seen.unseen_since == at(0)
    assert isinstance(update, PositionUpdate)


@pytest.mark.parametrize("status_at", [None, 0.0])
def test_without_a_gateway_nothing_is_seen(status_at: float | None) -> None:
    """Whether its last status is still there or not."""
    following = subscription(boards(0, status_at=0), boards(20, status_at=status_at))
    following.poll()
    connection, unseen = following.poll()
    assert isinstance(connection, ConnectionState)
    assert isinstance(unseen, ContractUnseen)
    assert unseen.reason == NO_GATEWAY


def test_an_iteration_goes_on_over_an_outage() -> None:
    following = subscription(boards(0, status_at=0), AWAY, boards(3, 705, status_at=3))
    found = [next(following) for _ in range(6)]
    assert kinds(found[:4]) == [ConnectionState, PositionUpdate, ConnectionState, ContractUnseen]
    assert kinds(found[4:]) == [ConnectionState, ContractSeen]


def test_a_redis_that_is_away_at_the_start_or_of_another_version_is_an_error() -> None:
    with pytest.raises(BusAwayError):
        subscription(AWAY).poll()
    following = subscription(boards(0, status_at=0), BusVersionError("keys of another version"))
    following.poll()
    with pytest.raises(BusVersionError):
        following.poll()
