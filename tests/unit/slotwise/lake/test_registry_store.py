"""The registry over Delta: what was active is active again after a restart."""

from __future__ import annotations

import random

from slotwise.lake.registry_store import open_registry
from slotwise.lake.store import Lake
from tests.support.values import NOON, at


def test_strategies_survive_a_restart(lake: Lake) -> None:
    first = open_registry(lake.address)
    first.activate("condor", [764, 761, 763, 762], at(1), priority=1)
    first.activate("single", [900], at(2))
    first.activate("gone", [1], at(3))
    first.close("gone", at(4))
    assert open_registry(lake.address).strategies() == first.strategies()


def test_a_reload_that_finds_the_same_says_nothing_new(lake: Lake) -> None:
    """Also of a strategy with many legs, which come back in another order."""
    registry = open_registry(lake.address)
    legs = list(range(1, 2001))
    random.Random(1).shuffle(legs)
    registry.activate("wide", legs, NOON)
    registry.activate("other", [5], at(1))
    assert not registry.reload()
    assert registry.get("wide").con_ids == tuple(sorted(legs))


def test_of_two_changes_at_one_instant_the_later_one_counts(lake: Lake) -> None:
    """A caller's clock may stand still between two changes."""
    registry = open_registry(lake.address)
    for number in range(4):
        registry.activate(f"s{number}", [number + 1], NOON)
        registry.close(f"s{number}", NOON)
    assert open_registry(lake.address).strategies() == ()


def test_two_processes_change_strategies_side_by_side(lake: Lake) -> None:
    one, other = open_registry(lake.address), open_registry(lake.address)
    one.activate("one", [1], at(1))
    other.activate("other", [2], at(2))
    one.close("one", at(3))
    names = [strategy.name for strategy in open_registry(lake.address).strategies()]
    assert names == ["other"]
    assert one.reload()
    assert one.is_active(2)


def test_the_registry_makes_its_table_in_a_lake_that_has_none(lake: Lake, tmp_path: object) -> None:
    address = f"{tmp_path}/new"
    open_registry(address).activate("one", [1], NOON)
    assert open_registry(address).is_active(1)
