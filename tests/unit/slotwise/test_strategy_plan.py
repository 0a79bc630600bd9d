"""A plan says what has to change, and once it is carried out nothing is left to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.errors import InputError
from slotwise.registry import StrategyRegistry
from slotwise.rules.strategy_plan import Change, Declared, plan, read_declared
from slotwise.strategy import Strategy
from tests.support.memory_registry import MemoryRegistryStore
from tests.support.values import NOON

NAMES = st.sampled_from(("a", "b", "c", "d"))
WANTED = st.dictionaries(
    NAMES, st.tuples(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 9))
)


@dataclass
class Desk:
    """A registry that plans are carried out on."""

    registry: StrategyRegistry = field(
        default_factory=lambda: StrategyRegistry(MemoryRegistryStore())
    )

    def do(self, changes: tuple[Change, ...]) -> None:
        for change in changes:
            if change.what == "close":
                self.registry.close(change.name, NOON)
            else:
                self.registry.activate(change.name, change.con_ids, NOON, change.priority)


@given(before=WANTED, wanted=WANTED, prune=st.booleans())
def test_after_a_plan_what_is_declared_is_active_and_nothing_is_left_to_do(
    before: dict[str, tuple[list[int], int]],
    wanted: dict[str, tuple[list[int], int]],
    prune: bool,
) -> None:
    """What is not declared stays, unless it is to be pruned."""
    desk = Desk()
    desk.do(plan((), before))
    desk.do(plan(desk.registry.strategies(), wanted, prune=prune))
    active = {s.name: (s.con_ids, s.priority) for s in desk.registry.strategies()}
    declared = {name: (tuple(sorted(set(ids))), p) for name, (ids, p) in wanted.items()}
    kept = {name: (tuple(sorted(set(ids))), p) for name, (ids, p) in before.items()}
    assert active == (declared if prune else {**kept, **declared})
    assert plan(desk.registry.strategies(), wanted, prune=prune) == ()


def test_a_change_names_what_comes_and_what_goes() -> None:
    desk = Desk()
    desk.do(plan((), {"a": ([1, 2], 5), "b": ([3], 5)}))
    changes = plan(desk.registry.strategies(), {"a": ([2, 4], 1), "c": ([5], 2)}, prune=True)
    assert changes == (
        Change("close", "b", (), (), (3,), 5, 5),
        Change("change", "a", (2, 4), (4,), (1,), 1, 5),
        Change("activate", "c", (5,), (5,), (), 2),
    )


def test_a_declaration_is_json() -> None:
    assert read_declared(b'{"a": {"legs": [761, "SPY"], "priority": 1}, "b": {"legs": [1]}}') == {
        "a": Declared(legs=(761, "SPY"), priority=1),
        "b": Declared(legs=(1,)),
    }


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "truncated"),
        (b"[]", "Expected `object`"),
        (b'{"b": {"legs": [1]}, "a": {}}', "strategy 'a': .*missing required field `legs`"),
        (b'{"a": {"legs": [1], "prio": 1}}', "strategy 'a': .*unknown field `prio`"),
        (b'{"a": []}', "strategy 'a': Expected `object`, got `array`"),
        (b'{"a": {"legs": [1.5]}}', "Expected `int | str`"),
    ],
)
def test_a_wrong_declaration_says_where(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_declared(data)


def test_a_quantity_that_changes_is_a_change_and_carried_out_it_is_none() -> None:
    own = {1: Decimal(-2)}
    before = Strategy(
        name="a", con_ids=(1, 2), priority=5, activated_at=NOON, quantities={1: Decimal(-1)}
    )
    [change] = plan([before], {"a": ([1, 2], 5)}, quantities={"a": own})
    assert (change.what, change.added, change.removed) == ("change", (), ())
    assert change.quantities == own
    assert change.quantities_before == {1: Decimal(-1)}
    after = Strategy(name="a", con_ids=(1, 2), priority=5, activated_at=NOON, quantities=own)
    assert plan([after], {"a": ([1, 2], 5)}, quantities={"a": own}) == ()
    [dropped] = plan([after], {"a": ([1, 2], 5)})
    assert dropped.quantities == {}
