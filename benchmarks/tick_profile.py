"""Where the CPU of ticks goes: both sides are fed once more while their stacks are sampled."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from benchmarks.figures import Table
from benchmarks.profile import sampled
from benchmarks.profile_figures import profile_table
from benchmarks.tick_source import TickSource

#: Rates that are sampled, messages a second: those whose goals are hardest to reach.
RATES = (400, 2_000)
#: A quiet side takes a fiftieth of a core: seconds and samples a second for a hundred samples.
SECONDS, SAMPLES_PER_S = 5.0, 500
#: The number of a window that nobody reads.
UNREAD = 999


def title(rate: int) -> str:
    """Return the title of a rate's profile."""
    return f"Where CPU goes at {rate:,} messages a second, by samples of stacks"


async def profiles(
    source: TickSource, folder: Path, pids: Mapping[str, tuple[int, int]], seconds: float
) -> list[Table]:
    """Feed each side, by its client id and process, at each rate; return the profiles."""
    tables = []
    for rate in RATES:
        processes = {name: pid for name, (_, pid) in pids.items()}
        with sampled(folder, processes, SAMPLES_PER_S) as found:
            await asyncio.gather(
                *(source.send(client, rate, seconds, UNREAD) for client, _ in pids.values())
            )
        tables.append(profile_table(title(rate), found))
    return tables
