"""A sweep of the smallest size counts what really landed."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from benchmarks.child_process import Asked
from benchmarks.profile_figures import Profile
from benchmarks.sweep_figures import CPU_PROFILE, PHASES, Size, part_of
from benchmarks.sweep_harness import Round, sweep_stand
from tests.support.effort import with_effort


@with_effort
@pytest.mark.timeout(120)
def test_a_poll_lands_once_and_the_others_do_the_same_work(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with sweep_stand(tmp_path, 60) as stand:
        poll = stand.poll(60)
        port, logs = str(stand.ib_port), tmp_path / "logs"
        with Asked(
            logs / "floor.log", "benchmarks.baselines.floor", port, "71", str(tmp_path / "floor")
        ) as floor:
            assert floor.ask()["positions"] == 60
        with Asked(
            logs / "l.log", "benchmarks.baselines.literal", port, "72", str(tmp_path / "l"), "1"
        ) as literal:
            batches = literal.ask()
    assert (poll.rows, poll.commits >= 2) == (60, True)
    assert 0 <= poll.made_s + poll.worked_s <= poll.beat_to_landed_s
    assert 0 <= poll.beat_to_landed_s < poll.asked_to_landed_s
    assert set(poll.cpu_s) == {
        "simulator", "gateway", "beat", "poll worker", "lake worker", "redis",
    }  # fmt: skip
    assert (batches["done"], batches["batches"]) == (1, 2)
    after = {child.pid for child in psutil.Process().children(recursive=True)}
    assert after <= before


def test_what_is_used_anyway_and_by_the_broker_is_no_cost() -> None:
    poll = Round(
        2.0, 3.0, 0.5, 1.0, {"gateway": 1.5, "redis": 0.2, "simulator": 9.0}, 10.0, 10, 2, 1_000_000
    )
    idle = {"gateway": 0.1, "redis": 0.1, "simulator": 0.0}
    batches = {
        "done": 4, "batches": 8, "cpu_s": 1.0, "seconds": 2.0, "insert_cpu_s": 0.5, "insert_s": 1.0
    }  # fmt: skip
    size = Size(10_000, idle, [poll], [{"cpu_s": 0.25}], [batches], [])
    assert size.totals() == [0.5]
    assert (size.literals("cpu_s"), size.literals("seconds")) == ([2.5], [5.0])
    part = part_of([size, size._replace(contracts=20_000)])
    found = {ratio.name: (ratio.value.median, ratio.goal) for ratio in part.ratios}
    assert found["CPU of a poll of 10,000"] == (2.0, 3.0)
    assert found["CPU of the document's design, 10,000"] == (5.0, None)
    assert found["beat to landed from 10,000 to 20,000"] == (0.5, 1.0)
    phases = next(table for table in part.tables if table.title == PHASES)
    assert phases.rows[0] == ("10,000", "0.5", "1", "0.5")


def test_a_missed_goal_of_cpu_names_the_profile_of_its_size() -> None:
    poll = Round(2.0, 3.0, 0.5, 1.0, {"gateway": 5.0}, 10.0, 10, 2, 1_000_000)
    batches = {
        "done": 4,
        "batches": 8,
        "cpu_s": 1.0,
        "seconds": 2.0,
        "insert_cpu_s": 0.5,
        "insert_s": 1.0,
    }
    profile = Profile("gateway", {("main (a.py)", "work (b.py)"): 9})
    size = Size(10_000, {"gateway": 0.1}, [poll], [{"cpu_s": 0.25}], [batches], [profile])
    part = part_of([size])
    assert (part.ratios[0].met, part.ratios[0].profile) == (False, CPU_PROFILE)
    [table] = [table for table in part.tables if table.title == CPU_PROFILE]
    assert table.rows[-1] == ("gateway, 9 samples", "work (b.py)", "100", "100")
