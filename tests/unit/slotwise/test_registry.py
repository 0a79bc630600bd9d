"""The registry: a contract is active while any strategy holds it, and so after a restart."""

from __future__ import annotations

from decimal import Decimal
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.errors import InputError, UnknownStrategyError
from slotwise.registry import StrategyRegistry
from slotwise.rules.registry_changes import RegistryState
from tests.support.memory_registry import MemoryRegistryStore
from tests.support.values import NOON, at

names = st.sampled_from(["a", "b", "c"])
legs = st.lists(st.integers(1, 6), min_size=1, max_size=4)
changes = st.lists(
    st.tuples(names, legs, st.integers(1, 4)) | st.tuples(names, st.none(), st.none()), max_size=12
)


def registry() -> StrategyRegistry:
    return StrategyRegistry(MemoryRegistryStore())


@given(changes)
def test_it_is_what_its_changes_say_and_so_is_one_opened_later(
    todo: list[tuple[str, list[int] | None, int | None]],
) -> None:
    """Checked against a plain dictionary of what each strategy holds."""
    store = MemoryRegistryStore()
    live = StrategyRegistry(store)
    model: dict[str, tuple[int, tuple[int, ...]]] = {}
    for number, (name, con_ids, priority) in enumerate(todo):
        if con_ids is not None and priority is not None:
            live.activate(name, con_ids, at(number), priority)
            model[name] = (priority, tuple(sorted(set(con_ids))))
        elif name in model:
            live.close(name, at(number))
            del model[name]
    ranked = sorted(model, key=lambda name: (model[name][0], name))
    for seen in (live, StrategyRegistry(store)):
        assert [strategy.name for strategy in seen.strategies()] == ranked
        assert {s.name: (s.priority, s.con_ids) for s in seen.strategies()} == model
        for con_id in range(1, 8):
            owners = tuple(name for name in ranked if con_id in model[name][1])
            assert seen.owners(con_id) == owners
            assert seen.is_active(con_id) == bool(owners)
            assert seen.wanted().get(con_id) == (model[owners[0]][0] if owners else None)


def test_a_contract_stays_active_while_any_strategy_holds_it() -> None:
    both = registry()
    both.activate("one", [1, 2], NOON)
    both.activate("two", [2, 3], NOON)
    both.close("one", at(1))
    assert [con_id for con_id in (1, 2, 3) if both.is_active(con_id)] == [2, 3]


def test_activating_again_replaces_the_contracts() -> None:
    again = registry()
    again.activate("one", [1, 2], NOON)
    strategy = again.activate("one", [2, 3], at(1), priority=1)
    assert again.get("one") == strategy
    assert (strategy.con_ids, again.is_active(1)) == ((2, 3), False)


def test_another_process_sees_the_change_when_it_reads_again_and_only_then_says_so() -> None:
    store = MemoryRegistryStore()
    gateway, command = StrategyRegistry(store), StrategyRegistry(store)
    command.activate("one", [1], NOON)
    assert not gateway.is_active(1)
    assert gateway.reload()
    assert gateway.is_active(1)
    assert not gateway.reload(), "nothing new"


def test_a_contract_named_twice_is_one_leg() -> None:
    assert registry().activate("one", [1, 2, 1], NOON).con_ids == (1, 2)


BAD = {
    "no name": ("  ", [1], 5, "needs a name"),
    "no contract": ("one", [], 5, "at least one contract id"),
    "a contract id of zero": ("one", [1, 0], 5, "contract id 0 is not a positive number"),
    "a negative contract id": ("one", [-3], 5, "contract id -3"),
    "priority zero": ("one", [1], 0, "priority 0 is below 1"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_and_changes_nothing(case: str) -> None:
    name, con_ids, priority, text = BAD[case]
    store = MemoryRegistryStore()
    refusing = StrategyRegistry(store)
    with pytest.raises(InputError, match=text):
        refusing.activate(name, con_ids, NOON, priority)
    assert (refusing.strategies(), store.read(RegistryState()).rows) == ((), ())


def test_an_unknown_strategy_is_named_with_those_that_are_known() -> None:
    empty = registry()
    with pytest.raises(UnknownStrategyError, match=r"'x'.*none is active"):
        empty.get("x")
    empty.activate("one", [1], NOON)
    with pytest.raises(UnknownStrategyError, match=r"'x'.*known: one"):
        empty.close("x", NOON)


class FailingStore(MemoryRegistryStore):
    """A store that keeps nothing any more."""

    def append(self, rows: object, on_change: object) -> NoReturn:
        raise OSError("disk full")


def test_a_change_that_could_not_be_kept_is_not_made() -> None:
    failing = StrategyRegistry(FailingStore())
    with pytest.raises(OSError, match="disk full"):
        failing.activate("one", [1], NOON)
    assert not failing.is_active(1)


def test_a_strategy_keeps_its_quantities_and_so_does_one_opened_later() -> None:
    store = MemoryRegistryStore()
    live = StrategyRegistry(store)
    live.activate("a", [1, 2], NOON, 1, {1: Decimal(-2), 9: Decimal(5)})
    live.activate("b", [1], at(1), 5, {1: Decimal(3)})
    for seen in (live, StrategyRegistry(store)):
        assert seen.get("a").quantities == {1: -2}, "9 is no contract of it"
        assert seen.quantities(1) == {"a": -2, "b": 3}
        assert seen.quantities(2) == {}
    live.activate("a", [1, 2], at(2), 1)
    for seen in (live, StrategyRegistry(store)):
        assert seen.quantities(1) == {"b": 3}
