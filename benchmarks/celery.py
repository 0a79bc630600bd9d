"""Celery: what an empty task costs with our settings, with the defaults, and as a raw list."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.celery_harness import Spent, celery_stand
from benchmarks.child_process import Asked
from benchmarks.figures import Part, Ratio, Spread, Table, number, ratios_of
from benchmarks.harness import own_redis

#: Empty tasks of one round, and rounds.
TASKS, ROUNDS = 1_500, 3
#: Rounds of one run are alike, and runs are not: 0.7 and 1.06 were found of the same code.
NOISE = 0.4
#: Processes in a worker's pool, as a poll worker has.
POOL = 2
#: Prefix of Celery's keys under our settings.
PREFIX = "slotwise:celery:"
OPTIONS = ("-c", str(POOL), "--without-mingle", "--without-gossip")
HOW = (
    "One worker with two pool processes does empty tasks that were sent while it was held still;"
    " results are ignored. Ours has all the product's settings: events for Flower, a key prefix,"
    " prefetch 1, time limits, watchdog. Celery's defaults send no events. The raw list is redis-py"
    " pushing and popping JSON in one process. CPU is of the worker with its pool, or of the"
    " process that sends, by the kernel's clock. Rounds take turns."
)


def run(share: float) -> Part:
    """Measure the three in turn."""
    rounds, tasks = max(1, round(ROUNDS * share)), max(100, round(TASKS * share))
    ours: list[Spent] = []
    defaults: list[Spent] = []
    raw: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        redis = stack.enter_context(own_redis(folder))
        env = {"SLOTWISE_LAKE": str(folder / "lake")}
        one = stack.enter_context(
            celery_stand(
                folder, redis.url, "benchmarks.baselines.celery_ours", OPTIONS, ("ours",), env,
                (PREFIX, "bench"),
            )
        )  # fmt: skip
        other = stack.enter_context(
            celery_stand(
                folder, redis.url, "benchmarks.baselines.celery_defaults", OPTIONS, ("defaults",),
                {}, ("", "celery"),
            )
        )  # fmt: skip
        listed = stack.enter_context(
            Asked(folder / "logs" / "raw.log", "benchmarks.baselines.raw_list", redis.url)
        )
        for _ in range(rounds):
            ours.append(one.do("bench.empty", (), tasks))
            defaults.append(other.do("bench.empty", (), tasks))
            raw.append(listed.ask(count=tasks))
    return part_of(tasks, ours, defaults, raw)


def part_of(
    tasks: int, ours: list[Spent], defaults: list[Spent], raw: list[dict[str, Any]]
) -> Part:
    """Sum up what was measured."""
    return Part(
        name="celery",
        title="Celery: an empty task",
        how=HOW,
        ratios=(
            Ratio(
                noise=NOISE,
                name="tasks a second", of="our settings / Celery's defaults", better="more",
                value=ratios_of([1 / s.seconds for s in ours], [1 / s.seconds for s in defaults]),
            ),
            Ratio(
                noise=NOISE,
                name="CPU a task, worker", of="our settings / Celery's defaults", better="less",
                value=ratios_of([s.worker_cpu_s for s in ours], [s.worker_cpu_s for s in defaults]),
            ),
            Ratio(
                noise=NOISE,
                name="CPU a task, sender", of="our settings / Celery's defaults", better="less",
                value=ratios_of(
                    [s.publisher_cpu_s for s in ours], [s.publisher_cpu_s for s in defaults]
                ),
            ),
            Ratio(
                noise=NOISE,
                name="CPU a task, without Celery", of="our settings / popping a raw list",
                better="less",
                value=ratios_of([s.worker_cpu_s for s in ours], [r["pop_cpu_s"] for r in raw]),
            ),
        ),
        tables=(
            Table(
                "An empty task, medians",
                ("", "tasks a second", "worker, CPU ms a task", "sender, CPU ms a task"),
                (
                    _row("our settings", tasks, ours),
                    _row("Celery's defaults", tasks, defaults),
                    (
                        "raw list",
                        number(tasks / Spread.of([r["pop_s"] for r in raw]).median),
                        _each([r["pop_cpu_s"] for r in raw], tasks),
                        _each([r["push_cpu_s"] for r in raw], tasks),
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def _row(name: str, tasks: int, spent: list[Spent]) -> tuple[str, ...]:
    return (
        name,
        number(tasks / Spread.of([s.seconds for s in spent]).median),
        _each([s.worker_cpu_s for s in spent], tasks),
        _each([s.publisher_cpu_s for s in spent], tasks),
    )


def _each(cpu_s: list[float], tasks: int) -> str:
    return number(Spread.of(cpu_s).median / tasks * 1000)
