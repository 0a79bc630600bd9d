"""A start counts what was sent within its time, and compares known contracts with unknown ones."""

from __future__ import annotations

import json

import pytest

from benchmarks.start_figures import PHASES, Start, part_of, requests_of

UNKNOWN = Start(2.0, 10.0, 30.0, 600, 45, 0, {"gateway": 3.0, "simulator": 9.0})
KNOWN = Start(1.0, 5.0, 30.0, 0, 50, 2, {"gateway": 1.5, "simulator": 9.0})


def sent(t: float, kind: int = 1, state: str = "taken", way: str = "in") -> str:
    return json.dumps({"t": t, "dir": way, "id": kind, "state": state})


def test_requests_are_those_of_the_time_and_none_is_counted_twice() -> None:
    log = [
        sent(9.0, 9), sent(10.0, 9), sent(10.5), sent(10.9, way="out"),
        sent(11.5, 9, "waits"), sent(11.9, 9, "released"), sent(12.2), sent(20.0, 9),
    ]  # fmt: skip
    assert requests_of(log, 10.0, 20.0) == (2, 2, 1)
    assert requests_of([], 10.0, 20.0) == (0, 0, 0)


def test_a_known_start_is_compared_with_an_unknown_one() -> None:
    part = part_of(UNKNOWN, KNOWN, 10_000)
    found = {ratio.name: ratio.value for ratio in part.ratios}
    assert found["until the board is whole, known contracts"].median == 0.5
    assert found["CPU, known contracts"].median == 0.5
    assert found["requests of details, known contracts"].median == 0
    assert found["messages of the busiest second"].high == pytest.approx(1.0)
    [table] = [table for table in part.tables if table.title == PHASES]
    assert table.rows[0][3:6] == ("600", "20", "8.33")
    assert table.rows[1][5:8] == ("none", "50", "2")
