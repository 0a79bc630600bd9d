"""A demo follows the strategies that the lake records: its own, and those that a user makes."""

from __future__ import annotations

from msgspec.structs import replace

from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, LegStatus
from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from tests.support.values import NOON, contract
from workers.stack.demo_strategies import DemoStrategies

GATEWAY = GatewayStatus(
    at=NOON, session="ready", detail="", limit=100, lines={}, waiting=[], quotes_in_flight=0,
    positions=0, polled_at=None, connected_at=None, ticks=0, handler_errors={},
)  # fmt: skip


def begun(lake: Lake, bus: Bus) -> DemoStrategies:
    """Return the strategies of a demo that has made its own of contracts 1 to 4."""
    strategies = DemoStrategies(lake, bus)
    strategies.begin([contract(con_id) for con_id in range(1, 9)], 4)
    return strategies


def test_demo_follows_a_strategy_that_a_user_activates_and_closes(lake: Lake, bus: Bus) -> None:
    strategies = begun(lake, bus)
    assert strategies.active == {1, 2, 3, 4}
    by_hand = open_registry(lake)
    by_hand.activate("spy", [756733], NOON)
    strategies.follow()
    assert strategies.active == {1, 2, 3, 4, 756733}
    by_hand.close("spy", NOON)
    strategies.follow()
    assert strategies.active == {1, 2, 3, 4}
    assert strategies.ever_active == {1, 2, 3, 4, 756733}


def test_demo_closes_the_strategies_of_an_earlier_run(lake: Lake, bus: Bus) -> None:
    open_registry(lake).activate("old", [70], NOON)
    strategies = begun(lake, bus)
    assert strategies.active == strategies.ever_active == {1, 2, 3, 4}


def test_demo_wants_no_line_for_a_users_contract_that_tws_refuses(lake: Lake, bus: Bus) -> None:
    """For its own it does, whatever the gateway reports of them."""
    strategies = begun(lake, bus)
    open_registry(lake).activate("more", [70, 71], NOON)
    strategies.follow()
    legs = tuple(LegStatus(con_id=con_id, state="refused") for con_id in (1, 70))
    assert strategies.entitled(replace(GATEWAY, legs=legs)) == 5
    assert strategies.entitled(None) == 6
