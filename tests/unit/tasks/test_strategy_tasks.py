"""Strategies change in the lake first; the gateway is told, and a lost Redis loses no change."""

from __future__ import annotations

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, RegistryChanged
from slotwise.errors import InputError, UnknownStrategyError
from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from slotwise.settings import Settings
from tasks.context import Context
from tasks.strategies import activate, activate_strategy, close, close_strategy
from workers.stack.ports import free_port


def told(bus: Bus) -> int:
    _, commands = Commands(bus).receive("0-0", 10)
    assert all(command == RegistryChanged() for command in commands)
    return len(commands)


def test_a_change_is_kept_and_the_gateway_told(shared: Context, bus: Bus, lake: Lake) -> None:
    activate_strategy(shared.settings, "condor", [3, 1], 2)
    assert told(bus) == 1
    assert open_registry(lake.address).wanted() == {1: 2, 3: 2}
    close_strategy(shared.settings, "condor")
    assert told(bus) == 2
    assert open_registry(lake.address).wanted() == {}


def test_the_tasks_do_the_same(shared: Context, bus: Bus, lake: Lake) -> None:
    assert activate("condor", [1], 1) == "condor"
    assert close("condor") == "condor"
    assert told(bus) == 2


def test_a_refused_change_is_not_told(shared: Context, bus: Bus) -> None:
    with pytest.raises(InputError):
        activate_strategy(shared.settings, "condor", [])
    with pytest.raises(UnknownStrategyError):
        close_strategy(shared.settings, "nobody")
    assert told(bus) == 0


def test_without_redis_the_change_is_kept_all_the_same(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOTWISE_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("SLOTWISE_LAKE", lake.address)
    activate_strategy(Settings(), "condor", [1])
    assert open_registry(lake.address).is_active(1)
