"""Tasks are done by the workers that are measured, and nothing of it is left."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from benchmarks.celery import PREFIX
from benchmarks.celery_harness import celery_stand
from benchmarks.harness import own_redis
from benchmarks.workers import efficiency, part_of
from tests.support.effort import with_effort


@with_effort
@pytest.mark.timeout(120)
def test_two_workers_share_tasks_that_wait(tmp_path: Path) -> None:
    """Twelve tasks of a tenth of a second; no process and no message is left."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with (
        own_redis(tmp_path) as redis,
        celery_stand(
            tmp_path, redis.url, "benchmarks.baselines.celery_ours", ("-c", "1"), ("one", "two"),
            {"SLOTWISE_LAKE": str(tmp_path / "lake"), "SLOTWISE_BENCH_QUEUE": "bench2"},
            (PREFIX, "bench2"),
        ) as stand,
    ):  # fmt: skip
        spent = stand.do("bench.wait", (0.1,), 12)
    assert spent.seconds >= 0.6
    assert spent.worker_cpu_s > 0
    assert spent.publisher_cpu_s > 0
    after = {child.pid for child in psutil.Process().children(recursive=True)}
    assert after <= before


def test_efficiency_is_beside_one_worker_of_the_same_round() -> None:
    found = {1: [10.0, 20.0], 2: [18.0, 40.0]}
    assert efficiency(found, 2, 2).low == pytest.approx(0.9)
    assert efficiency(found, 2, 2).high == pytest.approx(1.0)
    ratios = {ratio.name: ratio for ratio in part_of(found, found, cores=1).ratios}
    assert ratios["efficiency of 2 workers, tasks that wait"].met is True
    assert ratios["efficiency of 2 workers, tasks that compute"].value.median > 1.5
