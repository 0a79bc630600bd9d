"""A day in the gateway's life, sped up: memory and open files over time, beside bare ib_async."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import psutil

from benchmarks.day_events import Life, counts_of
from benchmarks.day_figures import MEMORY, WARM_UP, WINDOW, Course, Sample, plots, ratios, tables
from benchmarks.day_harness import Stand, stand
from benchmarks.figures import Part
from benchmarks.profile import resident_by_owner
from benchmarks.profile_figures import memory_table
from slotwise.errors import SlotwiseError
from workers.stack.ledger import read_ledger

#: Length of a run of full effort, and of the shortest one, seconds.
FULL_S, SHORTEST_S = 72.0, 3.0
#: Memory is looked at this often, seconds; in a short run more often, so that there are as many
#: samples as windows need.
LOOK_S, LOOKS = 1.0, 30
#: The two sides, as tables name them.
NAMES = ("gateway", "bare ib_async")
#: Contracts that are streamed all the time; the rest is quoted in turn.
ACTIVE = 20

HOW = (
    "A gateway and bare ib_async, processes of their own on a simulator each (200 positions, 1,500"
    " ticks a second or more), live through the same at the same time: strategies open and close,"
    " positions are polled, holdings change, connections drop, farms fail, all else is quoted by"
    " snapshots. Fills, drops and farm failures are those of ten hours, polls and activations"
    " those of four; what the gateway sends is taken from Redis and reported to it as landed."
    " Resident memory and open files come from the operating system, once a second; a tenth of the"
    " run's samples after its first quarter is compared, one by one, with the last tenth, so the"
    " spread is over pairs of one run. Happenings are all of these, snapshots by the simulators'"
    " ledgers. ib_async forgets its tickers with each drop, and neither side is made to collect"
    " garbage, so growth is what a process takes, not what it could never give back."
)


def run(share: float) -> Part:
    """Run a day on both sides, and compare its end with its beginning."""
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as folder:
        return asyncio.run(_measure(Path(folder), share))


async def _measure(folder: Path, share: float) -> Part:
    seconds = max(FULL_S * share, SHORTEST_S)
    try:
        async with stand(folder) as day:
            life = Life(day.bus, day.lake, day.links, day.con_ids)
            active = Random(2).sample(day.con_ids, ACTIVE)
            await life.open("desk", active, 1)
            began_at = time.time()
            passing = asyncio.create_task(
                life.pass_by(seconds, counts_of(min(seconds / FULL_S, 1.0)))
            )
            try:
                ours, bare = await _watch(day, seconds, passing)
                await passing
                owners = {
                    name: resident_by_owner(process.pid)
                    for name, process in zip(NAMES, (day.gateway, day.bare), strict=True)
                }
            finally:
                passing.cancel()
    except* SlotwiseError as errors:
        raise _first(errors) from None
    ledgers = dict(zip(NAMES, day.ledgers, strict=True))
    snapshots = {name: _snapshots(ledger, began_at) for name, ledger in ledgers.items()}
    # From the middle of one window to the middle of the other.
    since_s = seconds * (WARM_UP + WINDOW / 2)
    share_between = 1.0 - WARM_UP - WINDOW
    courses = {}
    for name, samples in zip(NAMES, (ours, bare), strict=True):
        late = sum(since_s <= at <= since_s + seconds * share_between for at in snapshots[name])
        courses[name] = Course(samples, late + int(_count_on_both_sides(life.done) * share_between))
    return Part(
        name="day",
        title="A day sped up: memory and open files",
        how=HOW,
        ratios=ratios(*(courses[name] for name in NAMES)),
        tables=(
            *tables(courses, life.done, {name: len(snapshots[name]) for name in NAMES}),
            memory_table(MEMORY, owners),
        ),
        plots=plots(courses),
    )


async def _watch(
    day: Stand, seconds: float, passing: asyncio.Task[None]
) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """Look at both processes now and then; ends early when what passes fails."""
    loop = asyncio.get_running_loop()
    began, every_s = loop.time(), min(LOOK_S, seconds / LOOKS)
    ours: list[Sample] = []
    bare: list[Sample] = []
    while (at_s := loop.time() - began) < seconds:
        for process, samples in ((day.gateway, ours), (day.bare, bare)):
            samples.append(_look(process, at_s))
        if passing.done():
            passing.result()
        await asyncio.sleep(max(every_s * len(ours) - (loop.time() - began), 0.0))
    return ours, bare


def _look(process: psutil.Process, at_s: float) -> Sample:
    try:
        return Sample(at_s, process.memory_info().rss, process.num_fds())
    except psutil.Error as error:
        raise SlotwiseError("a process of the benchmark ended before its time") from error


def _snapshots(ledger: Path, began_at: float) -> list[float]:
    """Return when snapshots were requested, seconds since the beginning."""
    events = read_ledger(ledger)
    return [e.t - began_at for e in events if e.event == "snapshot" and e.t >= began_at]


def _count_on_both_sides(done: Counter[str]) -> int:
    """Count what happened to both sides."""
    return sum(count for name, count in done.items() if name not in ("maintain", "land"))


def _first(errors: BaseExceptionGroup[SlotwiseError]) -> SlotwiseError:
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first if isinstance(first, SlotwiseError) else SlotwiseError(str(first))
