"""Workers: how much more 1, 2 and 4 of them do, of tasks that wait and of tasks that compute."""

from __future__ import annotations

import os
import tempfile
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from benchmarks.celery import PREFIX
from benchmarks.celery_harness import CeleryStand, Spent, celery_stand
from benchmarks.figures import Curve, Part, Plot, Ratio, Spread, Table, number
from benchmarks.harness import own_redis

#: Workers that are compared.
COUNTS = (1, 2, 4)
#: Seconds that one task waits, as for an answer of a slow service, or computes.
WAIT_S, COMPUTE_S = 0.1, 0.02
#: Tasks for each worker of a round, and rounds.
WAITING, COMPUTING, ROUNDS = 15, 80, 2
#: Goal for tasks that wait: nothing keeps workers from doing it at the same time.
GOAL_WAITING = 0.9
OPTIONS = ("-c", "1", "--without-mingle", "--without-gossip")
HOW = (
    "Groups of 1, 2 and 4 workers, each with one pool process and the product's settings, have a"
    " queue each on one Redis. A task waits 100 ms, or computes 20 ms by its own CPU clock; each"
    " group gets as many tasks as it has workers, times a constant, sent while it is held still."
    " Efficiency is tasks a second beside those of one worker times the workers. More workers than"
    " cores cannot compute more: for them it is also beside what the cores allow."
)


def run(share: float) -> Part:
    """Measure the groups in turn."""
    rounds = max(1, round(ROUNDS * share))
    size = max(0.2, share)
    found: dict[str, dict[int, list[float]]] = {"wait": {}, "compute": {}}
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        redis = stack.enter_context(own_redis(folder))
        groups = {n: stack.enter_context(_group(folder, redis.url, n)) for n in COUNTS}
        for _ in range(rounds):
            for count, group in groups.items():
                for task, seconds, each in (
                    ("wait", WAIT_S, WAITING),
                    ("compute", COMPUTE_S, COMPUTING),
                ):
                    tasks = max(2, round(each * size)) * count
                    spent: Spent = group.do(f"bench.{task}", (seconds,), tasks)
                    found[task].setdefault(count, []).append(tasks / spent.seconds)
    return part_of(found["wait"], found["compute"], os.cpu_count() or 1)


def _group(folder: Path, url: str, count: int) -> AbstractContextManager[CeleryStand]:
    queue = f"bench{count}"
    return celery_stand(
        folder, url, "benchmarks.baselines.celery_ours", OPTIONS,
        tuple(f"g{count}w{number}" for number in range(count)),
        {"SLOTWISE_LAKE": str(folder / "lake"), "SLOTWISE_BENCH_QUEUE": queue}, (PREFIX, queue),
    )  # fmt: skip


def part_of(waiting: dict[int, list[float]], computing: dict[int, list[float]], cores: int) -> Part:
    """Sum up tasks a second by workers."""
    more = [count for count in waiting if count > 1]
    return Part(
        name="workers",
        title="Workers: 1, 2 and 4 of them",
        how=HOW,
        ratios=(
            *(
                Ratio(
                    name=f"efficiency of {count} workers, tasks that wait",
                    of=f"{count} workers / {count} times one", better="more", goal=GOAL_WAITING,
                    value=efficiency(waiting, count, count),
                )
                for count in more
            ),
            *(
                Ratio(
                    name=f"efficiency of {count} workers, tasks that compute",
                    of=f"{count} workers / {min(count, cores)} times one, on {cores} cores",
                    better="more", value=efficiency(computing, count, min(count, cores)),
                )
                for count in more
            ),
        ),
        tables=(
            Table(
                "Tasks a second, medians",
                ("workers", "tasks that wait", "tasks that compute"),
                tuple(
                    (str(n), *(number(Spread.of(of[n]).median) for of in (waiting, computing)))
                    for n in waiting
                ),
            ),
        ),
        plots=(
            Plot(
                name="workers", title="Tasks beside those of one worker", x="workers", y="times",
                curves=(
                    Curve("tasks that wait", _growth(waiting)),
                    Curve(f"tasks that compute, {cores} cores", _growth(computing)),
                    Curve("as many times as workers", tuple((float(n), float(n)) for n in waiting)),
                ),
            ),
        ),
    )  # fmt: skip


def efficiency(found: dict[int, list[float]], count: int, times: int) -> Spread:
    """Divide what so many workers did by so many times what one did in the same round."""
    return Spread.of([a / (times * b) for a, b in zip(found[count], found[1], strict=True)])


def _growth(found: dict[int, list[float]]) -> tuple[tuple[float, float], ...]:
    one = Spread.of(found[1]).median
    return tuple((float(n), Spread.of(rates).median / one) for n, rates in found.items())
