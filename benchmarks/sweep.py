"""Sweep: what a poll of so many contracts costs, beside the floor and the document's own design."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.child_process import Asked
from benchmarks.figures import Part
from benchmarks.sweep_figures import NAMED, Size, part_of
from benchmarks.sweep_harness import sweep_stand

#: Contracts that are not in any strategy.
SIZES = (1_000, 10_000, 20_000)
#: Contracts from which on the first landings leave anything to do.
SETTLED_FROM = 10_000
#: Polls of each size.
ROUNDS = 3
#: Polls of each size that has no goal for its CPU: few are enough for the curves.
FEW_ROUNDS = 2
#: Batches that the document's design does of each poll: all of them would take many minutes.
BATCHES = 4
#: Seconds in which nothing is asked, to know what the processes use then: one beat and a bit.
IDLE_S = 6.0
#: What the first landings leave to do has ended after this, seconds: maintenance, results, looks.
SETTLE_S = 10.0
#: Below this share of the effort only the smallest size is measured.
ALL_SIZES = 0.3
#: Client ids of those beside the gateway.
FLOOR, LITERAL = 71, 72


def run(share: float) -> Part:
    """Measure each size in turn: ours, the floor and the document's design after each other."""
    rounds = max(1, round(ROUNDS * share))
    sizes = SIZES if share >= ALL_SIZES else SIZES[:1]
    return part_of([_size(n, rounds if n == NAMED else min(rounds, FEW_ROUNDS)) for n in sizes])


def _size(contracts: int, rounds: int) -> Size:
    with (
        tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name,
        sweep_stand(Path(name), contracts) as stand,
    ):
        folder, port = Path(name), str(stand.ib_port)
        logs = folder / "logs"
        beside = (port, str(FLOOR), str(folder / "floor")), (port, str(LITERAL), str(folder / "l"))
        with (
            Asked(logs / "floor.log", "benchmarks.baselines.floor", *beside[0]) as floor,
            Asked(
                logs / "literal.log", "benchmarks.baselines.literal", *beside[1], str(BATCHES)
            ) as literal,
        ):
            time.sleep(SETTLE_S * (contracts >= SETTLED_FROM))
            size = Size(contracts, stand.idle_cpu_s(IDLE_S), [], [], [], [])
            for _ in range(rounds):
                size.ours.append(stand.poll(contracts))
                size.floor.append(floor.ask())
                size.literal.append(literal.ask())
            if contracts == NAMED:
                size.profiles.extend(stand.profile(contracts))
            return size
