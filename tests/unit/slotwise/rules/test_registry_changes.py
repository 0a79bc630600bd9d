"""An announced change of a strategy counts at once, and only in the order as recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.bus.commands import MOST_ROWS, RegistryChanged, registry_command
from slotwise.registry import StrategyRegistry
from slotwise.rules.registry_changes import (
    Reading,
    RegistryChange,
    RegistryRow,
    RegistryState,
    follow_change,
    registry_state,
    strategies_of,
)
from tests.support.effort import examples
from tests.support.values import at

LAKE = "lake"


@dataclass
class Table:
    """The record: each commit is one change, or of maintenance and none."""

    version: int = 0
    changes: list[RegistryChange] = field(default_factory=list)
    #: How often it went back to a backup: changes since have other names.
    restored: int = 0

    def record(self, strategy: str, legs: list[int]) -> RegistryChange:
        """Append an activation, or without legs a closing."""
        number = len(self.changes) + 1
        self.version += 1
        event = f"{self.restored}.{number}"
        rows = tuple(
            RegistryRow(event, "activated", strategy, leg, number, at(number)) for leg in legs
        ) or (RegistryRow(event, "closed", strategy, None, None, at(number)),)
        self.changes.append(RegistryChange(LAKE, number, self.version, rows))
        return self.changes[-1]

    def upto(self, number: int, version: int) -> RegistryState:
        """Return what a reading finds when so many changes are there."""
        rows = [row for change in self.changes[:number] for row in change.rows]
        return registry_state(LAKE, number, version, rows)

    def read(self, known: RegistryState) -> RegistryState:
        """Read as the registry's store does: not at all where the version is known."""
        if (known.lake, known.version) == (LAKE, self.version):
            return known
        return self.upto(len(self.changes), self.version)

    def go_back(self, number: int) -> None:
        """Restore the record as it was behind a change."""
        self.changes = self.changes[:number]
        self.version, self.restored = number, self.restored + 1

    def append(self, rows: object, on_change: object) -> None:
        raise NotImplementedError


legs = st.lists(st.integers(1, 5), max_size=3)
#: What happens: a change, a commit of maintenance, one of the last changes told (again, or late),
#: a reading that begins, the oldest reading that ends.
steps = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.sampled_from("abc"), legs),
        st.tuples(st.just("maintain")),
        st.tuples(st.just("tell"), st.integers(0, 3)),
        st.tuples(st.just("begin")),
        st.tuples(st.just("end")),
    ),
    max_size=40,
)


@settings(max_examples=examples(300))
@given(steps)
def test_what_is_known_is_always_what_the_record_was_at_one_change_and_never_an_earlier_one(
    todo: list[tuple[object, ...]],
) -> None:
    """Whatever is lost, late or sent twice; and an undisturbed reading finds all of it."""
    table = Table()
    registry, store = StrategyRegistry(table), table
    under_way: list[Reading] = []
    reached = 0
    for step in todo:
        match step:
            case ("change", str(name), list(legs)):
                table.record(name, legs)
            case ("maintain",):
                table.version += 1
            case ("tell", int(back)) if table.changes:
                registry.follow(table.changes[max(0, len(table.changes) - 1 - back)])
            case ("begin",):
                under_way.append(registry.read())
            case ("end",) if under_way:
                # A gateway has one reading at a time.
                registry.take(under_way.pop(0))
                under_way.clear()
            case _:
                pass
        known = registry._state
        assert known.number >= reached
        reached = known.number
        record = store.upto(reached, known.version)
        assert (known.rows, known.strategies) == (record.rows, record.strategies)
        assert {one.name: one for one in registry.strategies()} == record.strategies
    registry.reload()
    whole = table.upto(len(table.changes), table.version)
    assert (registry._state.number, registry._state.rows) == (whole.number, whole.rows)


@settings(max_examples=examples(50))
@given(st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.integers(1, 5))), max_size=12))
def test_changes_announced_in_their_order_need_no_reading(
    told: list[tuple[str, list[int]]],
) -> None:
    table = Table()
    registry = StrategyRegistry(table)
    for name, legs in told:
        assert registry.follow(table.record(name, legs))
        rows = [row for change in table.changes for row in change.rows]
        assert {one.name: one for one in registry.strategies()} == strategies_of(rows)
    assert table.read(registry._state) is registry._state, "the version is known too"


def test_a_change_behind_one_that_was_not_received_is_for_a_reading() -> None:
    table = Table()
    registry = StrategyRegistry(table)
    table.record("a", [1])
    assert not registry.follow(table.record("b", [2]))
    assert registry.strategies() == ()
    assert registry.reload()
    assert list(registry.wanted()) == [1, 2]


def test_a_change_of_another_lake_is_not_followed() -> None:
    change = Table().record("a", [1])
    assert follow_change(registry_state("other", 0, 0, ()), change) is None


def test_a_reading_that_began_before_a_change_does_not_undo_it() -> None:
    table = Table()
    registry = StrategyRegistry(table)
    reading = registry.read()
    registry.follow(table.record("a", [1]))
    assert not registry.take(reading)
    assert registry.is_active(1)


def test_a_lake_that_went_back_to_a_backup_counts() -> None:
    table = Table()
    table.record("a", [1])
    registry = StrategyRegistry(table)
    registry.follow(table.record("b", [2]))
    table.go_back(1)
    registry.reload()
    assert list(registry.wanted()) == [1]


@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 6))
def test_a_lake_that_went_back_and_on_before_it_was_read_again_counts(
    before: int, back_to: int, since: int
) -> None:
    """Also where it has as many changes, and the version, that it had: each was received."""
    table = Table()
    registry = StrategyRegistry(table)
    for number in range(before):
        registry.follow(table.record("a", [number + 1]))
    table.go_back(min(back_to, before - 1))
    received = [table.record("b", [number + 10]) for number in range(since)]
    for change in received:
        registry.follow(change)
    registry.reload()
    assert registry._state.rows == table.read(RegistryState()).rows


def test_a_commit_of_maintenance_between_two_changes_costs_a_reading_and_no_time() -> None:
    """The next change is followed all the same: its number says that nothing is missing."""
    table = Table()
    registry = StrategyRegistry(table)
    table.version += 1
    change = table.record("a", [1])
    assert registry.follow(change)
    assert table.read(registry._state) is not registry._state


def test_a_change_travels_whole_up_to_a_size_and_then_by_name_alone() -> None:
    small = Table().record("a", list(range(1, MOST_ROWS + 1)))
    large = Table().record("a", list(range(1, MOST_ROWS + 2)))
    for change, told in ((small, small), (large, None)):
        packed = msgspec.msgpack.encode(registry_command(change))
        assert msgspec.msgpack.decode(packed, type=RegistryChanged).change == told
