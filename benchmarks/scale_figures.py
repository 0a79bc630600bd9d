"""What batches by several workers come to. Pure."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks.figures import Part, Ratio, Spread, Table, number
from benchmarks.profile_figures import Profile, profile_table

#: Delay of the slower link in each direction, seconds: two machines of two buildings.
DELAY_S = 0.0005
#: The group of which half of the workers are behind it; the others are named by their number.
BEHIND_LINK = "split"
#: Goal: CPU of a batch does not grow with the workers, so that more cores do more.
GOAL_EACH = 0.8
#: The table that shows where the time goes.
PROFILE = "Where a worker's CPU goes in a further round, by samples of stacks"
HOW = (
    "Batches of 50 contracts, as the product sends them, are answered by its own task: quotes,"
    " marks and positions are read from Redis, valued, and the rows put into the landing stream."
    " 1, 2, 4 and 8 workers with one pool process each are started together; one group after"
    " another gets them at once while it is held still, in one order and then in the other. More"
    " workers than cores cannot do more, so each group is compared with what the cores allow, and"
    " its CPU of a batch with that of one worker: what does not grow there does not limit"
    " elsewhere. Redis works in one thread: a second of its CPU is the most that one Redis does in"
    " a second. Two of four workers then reach Redis by a link that takes 1 ms there and back, as"
    " workers on another machine do. Fairness is the least that a worker did beside the mean."
)


class Round(NamedTuple):
    """The time to answer all batches once, and the processes that answered them."""

    seconds: float
    worker_cpu_s: float
    redis_cpu_s: float
    by_worker: tuple[int, ...]
    #: Batches by the workers that are looked at: those behind the link.
    marked: int
    failed: int
    #: How often the system took a processor from a worker.
    switches: int = 0

    def batches(self) -> int:
        """Count the batches."""
        return sum(self.by_worker)

    def fairness(self, workers: int) -> float:
        """Divide the least that a worker did by the mean; 0 where one did nothing."""
        if len(self.by_worker) < workers:
            return 0.0
        return min(self.by_worker) * workers / self.batches()


def part_of(
    found: Mapping[str, Sequence[Round]],
    profiles: Sequence[Profile] = (),
    cores: int = os.cpu_count() or 1,
) -> Part:
    """Sum up the groups: by the number of their workers, and the one behind a link."""
    one, split = found["1"], found[BEHIND_LINK]
    counts = sorted(int(name) for name in found if name != BEHIND_LINK)
    more = [count for count in counts if count > 1]
    same = max(count for count in counts if count <= 4)
    return Part(
        name="scale",
        title="Scale-out: the product's batches by 1 to 8 workers",
        how=HOW,
        ratios=(
            *(
                Ratio(
                    name=f"efficiency of {count} workers",
                    of=f"{count} workers / {min(count, cores)} times one, on {cores} cores",
                    better="more", value=_rates(found[str(count)], one, min(count, cores)),
                )
                for count in more
            ),
            *(
                Ratio(
                    name=f"batches a CPU second, {count} workers", of=f"{count} workers / one",
                    better="more", goal=GOAL_EACH, value=_each(found[str(count)], one),
                    profile=PROFILE,
                )
                for count in more
            ),
            Ratio(
                name="half of the workers behind a link of 1 ms",
                of=f"{same} workers so / {same} workers beside Redis", better="more",
                value=_rates(split, found[str(same)], 1),
            ),
        ),
        tables=(_table(found), _split(split), profile_table(PROFILE, profiles)),
    )  # fmt: skip


def _rates(ours: Sequence[Round], beside: Sequence[Round], times: int) -> Spread:
    """Divide batches a second by `times` those of others, round by round."""
    return Spread.of(
        [
            (a.batches() / a.seconds) / (times * b.batches() / b.seconds)
            for a, b in zip(ours, beside, strict=True)
        ]
    )


def _each(ours: Sequence[Round], beside: Sequence[Round]) -> Spread:
    return Spread.of(
        [
            (a.batches() / a.worker_cpu_s) / (b.batches() / b.worker_cpu_s)
            for a, b in zip(ours, beside, strict=True)
        ]
    )


def _table(found: Mapping[str, Sequence[Round]]) -> Table:
    rows = []
    for name in sorted(found.keys() - {BEHIND_LINK}, key=int):
        rounds = found[name]
        rows.append(
            (
                name,
                _median([r.batches() / r.seconds for r in rounds]),
                _median([r.worker_cpu_s / r.batches() * 1000 for r in rounds]),
                _median([r.redis_cpu_s / r.batches() * 1000 for r in rounds]),
                _median([r.batches() / r.redis_cpu_s for r in rounds]),
                _median([r.fairness(int(name)) for r in rounds]),
                _median([r.switches / r.batches() for r in rounds]),
                str(sum(r.failed for r in rounds)),
            )
        )
    columns = (
        "workers", "batches a second", "worker, CPU ms a batch", "Redis, CPU ms a batch",
        "batches a second at which one Redis is full", "fairness",
        "times a batch that a core was taken away", "contracts that failed",
    )  # fmt: skip
    return Table("Batches of 50, medians", columns, tuple(rows))


def _split(rounds: Sequence[Round]) -> Table:
    return Table(
        "Two of four workers behind a link of 1 ms",
        ("batches a second", "share of the two behind the link"),
        (
            (
                _median([r.batches() / r.seconds for r in rounds]),
                _median([r.marked / r.batches() for r in rounds]),
            ),
        ),
    )


def _median(values: Sequence[float]) -> str:
    return number(Spread.of(values).median)
