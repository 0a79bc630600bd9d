"""The order in which test processes take the tests.

Rules:
* A unit of work is a file: its module's fixtures are made once. All files of a folder of `TOGETHER`
  are one unit, as they share a running stack; each test of a file of `APART` is a unit of its own,
  as its tests share nothing and mostly wait.
* Units that take long come first, the longest of them (`LONGEST_S`) before all others: the end is
  not one test that all wait for.
* A test process is given its next unit while it works on the present one. Behind a long one that
  is a short one, taken from the end: two long ones do not wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

#: The files that take longest, with their seconds on two idle cores. Only the order has an effect;
#: what runs whole stacks, and so computes, takes turns with what waits, so that those that begin
#: do not all compute.
LONGEST_S: Mapping[str, float] = {
    "tests/integration/tasks/test_redis_bad_days.py": 110,
    "tests/walks/test_verdict_of_a_stack.py": 100,
    "tests/walks/test_verdict_of_tws.py": 90,
    "tests/chaos/test_chaos.py": 74,
    "tests/integration/gateway/test_lines_come_back.py": 46,
    "tests/walks/one_stack": 59,
    "tests/integration/simulator/test_hostile_clients.py": 45,
    "tests/chaos/test_demo_survives_kills.py": 48,
    "tests/integration/recordings/test_positions.py": 39,
    "tests/corpus/test_corpus.py": 50,
    "tests/integration/gateway/test_nothing_grows.py": 34,
    "tests/walks/test_nothing_is_given_away.py": 55,
    "tests/integration/tasks/test_lake_bad_days.py": 51,
    "tests/integration/tasks/test_workers_away.py": 35,
    "tests/walks/test_portfolio_of_a_stack.py": 44,
    "tests/integration/gateway/test_marks_on_simulator.py": 39,
    "tests/walks/test_the_past.py": 41,
    "tests/docs/test_pages.py": 36,
    "tests/integration/lake/test_object_store.py": 37,
    "tests/integration/tasks/test_workers_share.py": 32,
    "tests/integration/web/test_web_in_a_browser.py": 34,
    "tests/unit/slotwise/lake/test_exactly_once.py": 25,
    "tests/integration/gateway/test_gateway_on_simulator.py": 30,
    "tests/integration/simulator/test_simulator_process.py": 20,
    "tests/integration/packaging/test_simulator_alone.py": 15,
}

#: Kinds of tests, those that wait for real processes first; the many quick ones come last and fill
#: what the long ones leave of the test processes' time.
LONG_FIRST = ("walks", "chaos", "corpus", "bench", "integration", "docs")

#: All files of these folders go to one test process: their tests share what is costly to run.
TOGETHER = frozenset({"tests/walks/one_stack"})

#: Files whose tests share nothing and wait for seconds each.
APART = frozenset(
    {
        "tests/integration/gateway/test_notices.py",
        "tests/integration/gateway/test_positions_not_given.py",
        "tests/integration/gateway/test_rotation_as_measured.py",
        "tests/integration/gateway/test_rotation_on_simulator.py",
        "tests/integration/gateway/test_start_with_every_kind.py",
        "tests/integration/gateway/test_ways_back.py",
        "tests/integration/test_probe.py",
    }
)

#: Unit tests that `make unit` leaves out: each file takes 3 s to 30 s of CPU, or as long to wait.
NOT_QUICK = frozenset(
    {
        "tests/unit/gateway/test_notice_storm.py",
        "tests/unit/simulator/test_notices.py",
        "tests/unit/simulator/test_speed.py",
        "tests/unit/slotwise/lake/test_absent_lake_property.py",
        "tests/unit/slotwise/lake/test_as_of.py",
        "tests/unit/slotwise/lake/test_book.py",
        "tests/unit/slotwise/lake/test_book_columns.py",
        "tests/unit/slotwise/lake/test_exactly_once.py",
        "tests/unit/slotwise/lake/test_maintenance.py",
        "tests/unit/slotwise/lake/test_once.py",
        "tests/unit/slotwise/lake/test_power_cut.py",
        "tests/unit/slotwise/lake/test_repair.py",
        "tests/unit/slotwise/lake/test_set_aside.py",
        "tests/unit/slotwise/lake/test_writer.py",
        "tests/unit/stack/test_flower_login.py",
        "tests/unit/tasks/test_refusing_lake.py",
        "tests/unit/tasks/test_watchdog.py",
        "tests/unit/top/test_top_keys.py",
        "tests/unit/top/test_top_screens.py",
    }
)


def unit_of(test: str) -> str:
    """Return the unit of work of a test, by its id."""
    file = test.partition("::")[0]
    folder = file.rpartition("/")[0]
    if folder in TOGETHER:
        return folder
    return test if file in APART else file


def place_of(unit: str) -> tuple[int, int]:
    """Return what a unit is sorted by: the longest first, then by kind."""
    longest = list(LONGEST_S)
    kind = unit.removeprefix("tests/").partition("/")[0]
    return (
        longest.index(unit) if unit in LONGEST_S else len(longest),
        LONG_FIRST.index(kind) if kind in LONG_FIRST else len(LONG_FIRST),
    )


def sort_by_length(items: list[pytest.Item]) -> None:
    """Sort tests by their units' places; those of one place stay in their order."""
    items.sort(key=lambda item: place_of(unit_of(item.nodeid)))


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
    """The scheduler of pytest-xdist, with the units of this module."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _reschedule(self, node: Any) -> None:
        # A process that replaces one that died is asked before it has collected the tests, where
        # two died at a time; xdist would end the whole run with a KeyError.
        if node in self.registered_collections:
            super()._reschedule(node)

    def _assign_work_unit(self, node: Any) -> None:
        if self.workqueue and is_long(unfinished(self.assigned_work.get(node, {}))):
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


def unfinished(assigned: Mapping[str, Mapping[str, bool]]) -> list[str]:
    """Return the units of which a test is not finished yet."""
    return [unit for unit, tests in assigned.items() if not all(tests.values())]


def is_long(units: Iterable[str]) -> bool:
    """Return whether one of these units takes long."""
    return any(unit in LONGEST_S for unit in units)
