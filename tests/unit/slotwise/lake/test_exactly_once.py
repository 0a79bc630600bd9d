"""Exactly once: landings crash at every step, take turns with stale memory, and lose Redis.

Real Delta tables, an in-memory stream, and at the end an independent reader.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import EFFORT, examples
from tests.unit.slotwise.lake.landing_world import World

landers = st.integers(0, 1)
inserts = st.tuples(st.just("insert"), st.sampled_from([[1], [2], [1, 2]]))
dispatches = st.tuples(st.just("dispatch"), landers, st.integers(1, 2))
answers = st.tuples(
    st.just("answer"), st.integers(0, 2), st.sampled_from([frozenset(), {0}, {0, 1}])
)
publishes = st.tuples(st.just("publish"), st.sampled_from(["position_updates", "quotes"]))
landings = st.tuples(st.just("land"), landers)
crashes = st.tuples(st.just("land"), landers, st.integers(0, 9))
restarts = st.tuples(st.just("restart"), landers)
wipes = st.tuples(st.just("wipe"), st.booleans())
gateway_kills = st.just(("kill_gateway",))
waits = st.tuples(st.just("wait"), st.sampled_from([1, 5, 11]))
meanwhile = st.lists(
    st.one_of(
        st.tuples(st.just("dispatch"), st.just(1), st.just(2)),
        st.tuples(st.just("land"), st.just(1)),
        answers,
        inserts,
    ),
    max_size=4,
)
interrupted = st.tuples(st.just("land_interrupted"), st.just(0), st.integers(0, 9), meanwhile)

#: Named more than once, a step comes more often.
steps = st.one_of(
    inserts, dispatches, dispatches, answers, answers, answers, publishes, landings, landings,
    interrupted, crashes, restarts, waits, waits, gateway_kills,
)  # fmt: skip


#: After which step a landing crashes, whether Redis is emptied then, and whether the items are in
#: the lake before. Without effort each step meets each of the two, and each of the two the other.
CRASHES = [
    (crash_after, emptied, known)
    for crash_after in range(10)
    for emptied in (False, True)
    for known in (False, True)
    if EFFORT in os.environ or (crash_after + emptied + known) % 2 == 0
]


def run(world: World, *todo: tuple[Any, ...]) -> None:
    """Do the steps, land what is left, and check the lake."""
    world.do(todo)
    world.finish()
    world.check()


@settings(max_examples=examples(16))
@given(st.integers(1, 2), st.sampled_from([0, 45]), st.lists(steps, min_size=5, max_size=25))
def test_items_land_exactly_once_whatever_crashes_whenever(
    empty_lake: Path, max_attempts: int, clock_ahead_s: int, todo: list[tuple[Any, ...]]
) -> None:
    """Succeeded means one row, failed means none; nothing inserted is ever forgotten."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(empty_lake, Path(folder), max_attempts, clock_ahead_s)
        run(world, ("insert", [1, 2]), ("dispatch", 0, 2), *todo)


@settings(max_examples=examples(10))
@given(
    st.integers(1, 2), st.sampled_from([0, 45]), st.lists(steps | wipes, min_size=5, max_size=25)
)
def test_items_land_exactly_once_though_redis_is_emptied(
    empty_lake: Path, max_attempts: int, clock_ahead_s: int, todo: list[tuple[Any, ...]]
) -> None:
    """What was on its way is sent again from the spool, and what was committed is not doubled."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(empty_lake, Path(folder), max_attempts, clock_ahead_s)
        run(world, ("insert", [1, 2]), ("dispatch", 0, 2), *todo)


@pytest.fixture
def world(empty_lake: Path, tmp_path: Path) -> World:
    return World(empty_lake, tmp_path)


def test_a_late_success_of_a_failed_item_lands_no_row_from_stale_memory(world: World) -> None:
    """One lake worker has seen the item fail for good; the other has not, and gets its success."""
    first, second = 0, 1
    failing = ("answer", 0, frozenset[int]())
    run(
        world,
        ("insert", [1]),
        ("dispatch", first, 1),
        failing,
        ("dispatch", first, 1),
        ("dispatch", second, 1),
        failing,
        ("land", first),
        ("answer", 0, {0}),
        ("land", second),
    )


def test_a_landing_that_was_overtaken_cannot_finish(world: World) -> None:
    """It fails an item for good while another, which has not seen that, gets a success."""
    world.max_attempts = 1
    world.landers = [world.new_lander(), world.new_lander()]
    slow, other = 0, 1
    after_its_first_commit = 2
    run(
        world,
        ("insert", [1]),
        ("dispatch", slow, 1),
        ("land", slow),
        ("answer", 0, frozenset()),
        (
            "land_interrupted",
            slow,
            after_its_first_commit,
            [("wipe", False), ("dispatch", other, 1), ("answer", 0, {0})],
        ),
        ("land", other),
    )


@pytest.mark.parametrize(("crash_after", "emptied", "known"), CRASHES)
def test_a_landing_may_crash_at_each_step(
    world: World, crash_after: int, emptied: bool, known: bool
) -> None:
    """Between any two commits, before and after the stream is dropped, with Redis or without."""
    run(
        world,
        ("insert", [1, 2]),
        *([("land", 0)] if known else []),
        ("dispatch", 0, 2),
        ("publish", "position_updates"),
        ("publish", "quotes"),
        ("answer", 0, {0}),
        ("land", 0, crash_after),
        *([("wipe", False)] if emptied else []),
        ("wait", 11),
        ("dispatch", 1, 2),
        ("answer", 0, {0, 1}),
        # The gateway notices what Redis has lost with its next poll, and everything goes on.
        ("insert", [3]),
        ("dispatch", 1, 2),
        ("answer", 0, {0, 1}),
        ("answer", 1, {0, 1}),
    )


@pytest.mark.parametrize(("crash_after", "emptied", "known"), CRASHES)
def test_a_holding_that_is_asked_for_while_it_is_polled_keeps_its_items_apart(
    world: World, crash_after: int, emptied: bool, known: bool
) -> None:
    """Which insertion is one with the item before it does not depend on a crash in between."""
    run(
        world,
        ("insert", [1]),
        ("dispatch", 0, 1),
        *([("land", 0)] if known else []),
        ("insert", [1]),
        ("answer", 0, {0}),
        ("insert", [1]),
        ("dispatch", 0, 1),
        ("answer", 0, {0}),
        ("land", 0, crash_after),
        *([("wipe", False)] if emptied else []),
        ("insert", [1]),
        ("dispatch", 1, 1),
        ("answer", 0, {0}),
    )


def test_a_row_found_after_a_crash_counts_though_the_gateways_clock_is_ahead(
    empty_lake: Path, tmp_path: Path
) -> None:
    """The item was inserted, by its own word, after its row landed."""
    run(
        World(empty_lake, tmp_path, gateway_clock_ahead_s=45),
        ("insert", [1]),
        ("dispatch", 0, 1),
        ("land", 0),
        ("answer", 0, {0}),
        ("land", 0, 2),  # dies after the commit of the rows
        ("wipe", False),
        ("wait", 11),
        ("dispatch", 0, 1),
        ("answer", 0, {0}),
    )
