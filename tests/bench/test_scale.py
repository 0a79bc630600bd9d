"""Workers are compared by what they did of the product's own batches, and by whom it was done."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from benchmarks.scale import run
from benchmarks.scale_figures import Round, part_of
from tests.support.effort import with_effort


def done(seconds: float, by_worker: tuple[int, ...], marked: int = 0) -> Round:
    return Round(seconds, 0.4, 0.05, by_worker, marked, 0, 2 * sum(by_worker))


def test_groups_are_compared_with_what_the_cores_allow() -> None:
    part = part_of(
        {
            "1": [done(4.0, (100,))] * 3,
            "2": [done(2.0, (50, 50))] * 3,
            "4": [done(2.5, (10, 20, 30, 40))] * 3,
            "split": [done(5.0, (30, 30, 20, 20), 40)] * 3,
        },
        cores=2,
    )
    found = {ratio.name: ratio.value.median for ratio in part.ratios}
    assert found["efficiency of 2 workers"] == pytest.approx(1.0)
    assert found["efficiency of 4 workers"] == pytest.approx(0.8)
    assert found["batches a CPU second, 4 workers"] == pytest.approx(1.0)
    assert found["half of the workers behind a link of 1 ms"] == pytest.approx(0.5)
    fairness = [row[5] for row in part.tables[0].rows]
    assert fairness == ["1", "1", "0.4"]
    assert [row[6] for row in part.tables[0].rows] == ["2", "2", "2"]
    assert part.tables[1].rows == (("20", "0.4"),)


def test_a_worker_that_did_nothing_is_not_left_out_of_the_fairness() -> None:
    assert done(1.0, (50, 50)).fairness(3) == 0.0


@with_effort
@pytest.mark.timeout(180)
def test_every_batch_is_answered_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    part = run(0.05)
    assert [row[-1] for row in part.tables[0].rows] == ["0"] * 4
    assert not list(tmp_path.iterdir())
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
