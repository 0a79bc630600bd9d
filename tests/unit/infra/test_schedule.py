"""What the order of the tests rests on is there, and long units do not wait for each other."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest

from tests.support.compose import ROOT
from tests.support.schedule import (
    APART,
    LONGEST_S,
    NOT_QUICK,
    TOGETHER,
    Scheduling,
    place_of,
    unit_of,
)

LONG, LONG_TOO = list(LONGEST_S)[:2]


@pytest.mark.parametrize("name", sorted({*LONGEST_S, *APART, *NOT_QUICK, *TOGETHER}))
def test_each_file_that_is_named_is_there(name: str) -> None:
    assert (ROOT / name).exists()


def test_unit_is_a_file_a_folder_that_shares_or_a_test_that_shares_nothing() -> None:
    [folder], apart = TOGETHER, min(APART)
    assert unit_of("tests/unit/test_leg.py::test_one[a::b]") == "tests/unit/test_leg.py"
    assert unit_of(f"{folder}/test_walk.py::test_one") == folder
    assert unit_of(f"{apart}::test_one") == f"{apart}::test_one"


def test_longest_begin_then_what_waits_for_processes_then_the_rest() -> None:
    units = ["tests/unit/test_a.py", "tests/integration/test_b.py", LONG_TOO, LONG]
    assert sorted(units, key=place_of) == units[::-1]


class Node:
    """A test process that takes what it is sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def send_runtest_some(self, indexes: list[int]) -> None:
        self.sent += indexes


def test_behind_a_long_unit_a_process_gets_the_shortest_one() -> None:
    scheduling, node = Scheduling.__new__(Scheduling), Node()
    tests = [f"{unit}::test" for unit in (LONG, LONG_TOO, "tests/unit/a.py", "tests/unit/b.py")]
    state: Any = scheduling
    state.workqueue = OrderedDict((unit_of(test), {test: False}) for test in tests)
    state.assigned_work = {}
    state.registered_collections = {node: tests}
    for _ in range(2):
        state._assign_work_unit(node)
    assert node.sent == [0, 3]
    state.assigned_work[node][LONG][tests[0]] = True
    state._assign_work_unit(node)
    assert node.sent == [0, 3, 1], "nothing long is before it any more"
