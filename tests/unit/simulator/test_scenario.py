"""A scenario file: which step comes when, and what is wrong with a bad one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_simulator_commands import Shell, give
from tws_simulator.control.dispatch import dispatch
from tws_simulator.errors import ScenarioError, UsageError
from tws_simulator.nightly import next_at, read_clock
from tws_simulator.scenario import Script, Step, read_scenario


def scenario(path: Path, *lines: str) -> tuple[Step, ...]:
    """Write and read a scenario."""
    file = path / "scenario.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines))
    return read_scenario(file)


def test_steps_come_by_time_and_those_that_wait_for_a_client_after_it(tmp_path: Path) -> None:
    """Comments and empty lines say nothing; a step repeats as often as it says."""
    script = Script(
        scenario(
            tmp_path,
            "# The first client is dropped.",
            '{"at": 5, "do": "drop"}',
            "",
            '{"at": 2, "after": "first_client", "do": "silence"}',
            '{"at": 1, "every": 0.5, "times": 3, "do": "limit", "lines": 7}',
        ),
        started_at=100.0,
    )
    assert script.next_due == 101.0
    assert [step.line for step in script.take(101.6)] == [5, 5]
    assert [step.line for step in script.take(110.0)] == [5, 2]
    assert script.next_due is None
    script.first_client(200.0)
    script.first_client(300.0)
    assert script.next_due == 202.0
    (step,) = script.take(202.0)
    assert json.loads(step.command) == {"do": "silence"}
    assert script.next_due is None


@settings(max_examples=examples(60))
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9), st.integers(1, 5)), max_size=8),
    st.lists(st.integers(0, 100), max_size=10),
)
def test_every_step_is_given_as_often_as_it_says_at_whatever_time_of_looking(
    drawn: list[tuple[int, int, int]], looks: list[int]
) -> None:
    """Never early, never twice, and none is lost."""
    steps = [Step(n, at, "start", every, times, b"") for n, (at, every, times) in enumerate(drawn)]
    script = Script(steps, 0.0)
    given_out: list[int] = []
    for now in (*sorted(looks), 1000):
        given_out += [step.line for step in script.take(now)]
        expected = [
            sum(at + every * done <= now for done in range(times)) for at, every, times in drawn
        ]
        assert [given_out.count(n) for n in range(len(drawn))] == expected


@pytest.mark.parametrize(
    ("line", "reported"),
    [
        ("{", "no JSON"),
        ("[]", "must be a JSON object"),
        ('{"do": "drop"}', '"at" must be a number'),
        ('{"at": -1, "do": "drop"}', '"at" must be from 0'),
        ('{"at": true, "do": "drop"}', '"at" must be a number'),
        ('{"at": 1e400, "do": "drop"}', '"at" must be from 0'),
        ('{"at": NaN, "do": "drop"}', '"at" must be a number'),
        ('{"at": 1}', '"do" must be one of'),
        ('{"at": 1, "do": "dance"}', '"do" must be one of'),
        ('{"at": 1, "do": ["drop"]}', '"do" must be one of'),
        ('{"at": 1, "do": "drop", "after": "lunch"}', '"after" must be'),
        ('{"at": 1, "do": "drop", "every": 5}', "need each other"),
        ('{"at": 1, "do": "drop", "times": 5}', "need each other"),
        ('{"at": 1, "do": "drop", "every": 0, "times": 5}', '"every" must be from'),
        ('{"at": 1, "do": "drop", "every": 1, "times": 0}', '"times" must be a whole number'),
        ('{"at": 1, "do": "drop", "every": 1, "times": 1e9}', '"times" must be a whole number'),
    ],
)
def test_a_bad_step_is_reported_with_its_line(tmp_path: Path, line: str, reported: str) -> None:
    """In one line."""
    with pytest.raises(ScenarioError) as raised:
        scenario(tmp_path, '{"at": 1, "do": "drop"}', line)
    assert ": line 2: " in str(raised.value)
    assert reported in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_scenario_that_is_no_file_or_no_text_is_reported(tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(ScenarioError, match="No such file"):
        read_scenario(tmp_path / "missing")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(ScenarioError, match="it is no text"):
        read_scenario(tmp_path / "bytes")
    with pytest.raises(ScenarioError, match="more than 10000 lines"):
        scenario(tmp_path, *["#"] * 10_001)


COMMANDS: list[dict[str, Any]] = [
    {"do": "open", "symbol": "SPY", "quantity": 100, "avg_cost": 600.25},
    {"do": "open", "symbol": "SPY", "expiry": "20261218", "strike": 600, "right": "C",
     "quantity": -2},
    {"do": "position", "con_id": 756733, "quantity": 12.5},
    {"do": "split", "symbol": "SPY", "ratio": "2:1"},
    {"do": "account_added", "account": "DU2"},
    {"do": "limit", "lines": 3},
    {"do": "slow", "seconds": 1.5, "request": "positions"},
    {"do": "close", "con_id": 1},
]  # fmt: skip


def test_a_scenario_does_what_the_control_port_does(tmp_path: Path) -> None:
    """One table of commands: the same answers, the same world."""
    by_port, by_scenario = InMemoryTws(positions=3), InMemoryTws(positions=3)
    answers = [give(by_port, **command) for command in COMMANDS]
    steps = scenario(
        tmp_path, *(json.dumps({"at": n / 10, **command}) for n, command in enumerate(COMMANDS))
    )
    reported = [
        json.loads(dispatch(step.command, by_scenario.world, Shell(), by_scenario.now))
        for step in Script(steps, 0.0).take(10.0)
    ]
    assert reported == answers
    assert [answer["ok"] for answer in answers] == [True] * 7 + [False]
    one, other = by_port.world, by_scenario.world
    assert list(one.accounts.positions()) == list(other.accounts.positions())
    assert one.accounts.names == other.accounts.names
    assert one.lines.limit == other.lines.limit == 3
    assert one.faults.slow == other.faults.slow is not None


def test_the_nightly_restart_comes_at_the_next_such_time() -> None:
    """Today or tomorrow; a clock that is put back or forward changes the wait, not the time."""
    zone = ZoneInfo("America/New_York")

    def local(year: int, month: int, day: int, hour: int, minute: int) -> float:
        return datetime(year, month, day, hour, minute, tzinfo=zone).timestamp()

    night = time(23, 45)
    assert next_at(night, local(2026, 11, 10, 23, 44), zone) == local(2026, 11, 10, 23, 45)
    assert next_at(night, local(2026, 11, 10, 23, 45), zone) == local(2026, 11, 11, 23, 45)
    back = local(2026, 10, 31, 23, 45)
    assert next_at(night, back, zone) - back == 25 * 3600
    assert next_at(time(0, 0), 0.0, UTC) == 86_400.0


@pytest.mark.parametrize("text", ["24:00", "7:00", "23:60", "noon", "23:45:00", "23:45 "])
def test_a_time_of_day_is_hours_and_minutes(text: str) -> None:
    """Nothing else."""
    with pytest.raises(UsageError, match="no time of day"):
        read_clock(text)
    assert read_clock("07:05") == time(7, 5)
