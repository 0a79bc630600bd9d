"""Strategies change in the lake first; the gateway gets it, and a lost Redis loses no change."""

from __future__ import annotations

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, RegistryChanged
from slotwise.client.strategies import activate_strategy, close_strategy
from slotwise.errors import BusAwayError, InputError, UnknownStrategyError
from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from slotwise.leg import Leg
from slotwise.settings import Settings
from tasks.context import Context
from tasks.strategies import activate, close
from tests.support.answering_gateway import answering
from tests.support.values import contract, option
from workers.stack.ports import free_port


def count_commands(bus: Bus) -> int:
    _, commands = Commands(bus).receive("0-0", 10)
    return sum(isinstance(command, RegistryChanged) for command in commands)


KNOWN = {"1": (contract(1),), "3": (contract(3),), "5": (option(5, expiry="20200117"),)}


def test_a_change_is_kept_and_the_gateway_notified(shared: Context, bus: Bus, lake: Lake) -> None:
    with answering(bus, KNOWN) as asked:
        activate_strategy(shared.settings, "condor", [3, 1], 2)
    assert asked == [Leg(con_id=1), Leg(con_id=3)]
    assert count_commands(bus) == 1
    assert open_registry(lake.address).wanted() == {1: 2, 3: 2}
    close_strategy(shared.settings, "condor")
    assert count_commands(bus) == 2
    assert open_registry(lake.address).wanted() == {}


def test_the_tasks_do_the_same(shared: Context, bus: Bus, lake: Lake) -> None:
    with answering(bus, KNOWN), pytest.raises(InputError, match="TWS knows no such contract"):
        activate("condor", [2], 1)
    assert activate("condor", [1], 1, force=True) == "condor"
    assert close("condor") == "condor"
    assert count_commands(bus) == 2


def test_a_refused_change_is_not_announced(shared: Context, bus: Bus) -> None:
    with pytest.raises(InputError):
        activate_strategy(shared.settings, "condor", [])
    with pytest.raises(UnknownStrategyError):
        close_strategy(shared.settings, "absent")
    assert count_commands(bus) == 0


@pytest.mark.parametrize(
    ("con_ids", "error", "message"),
    [
        ([1, 1001], "", r"leg '1001': TWS knows no such contract; correct it, or .* --force"),
        ([1001, 1002, 1], "", r"leg '1001': TWS knows no such contract.* \(and 1 more\)"),
        ([1, 5], "", r"leg '5': SPY 20200117 P 560 .*expired on 2020-01-17"),
        ([1], "there is no connection to TWS", "leg '1' was not looked up: there is no connection"),
    ],
)
def test_what_tws_does_not_know_is_refused_before_it_is_registered(
    shared: Context, bus: Bus, lake: Lake, con_ids: list[int], error: str, message: str
) -> None:
    with answering(bus, KNOWN, error), pytest.raises(InputError, match=message):
        activate_strategy(shared.settings, "condor", con_ids)
    assert count_commands(bus) == 0
    assert open_registry(lake.address).strategies() == ()
    activate_strategy(shared.settings, "condor", con_ids, force=True)
    assert open_registry(lake.address).get("condor").con_ids == tuple(sorted(con_ids))


def test_without_redis_the_change_is_kept_all_the_same(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOTWISE_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("SLOTWISE_LAKE", lake.address)
    with pytest.raises(BusAwayError, match=r"Redis: .*--force"):
        activate_strategy(Settings(), "condor", [1])
    activate_strategy(Settings(), "condor", [1], force=True)
    assert open_registry(lake.address).is_active(1)
