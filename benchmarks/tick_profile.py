"""Where the CPU of ticks goes: both sides are fed once more while their stacks are sampled."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from benchmarks.figures import Table
from benchmarks.profile import sampled
from benchmarks.profile_figures import profile_table
from benchmarks.tick_source import TickSource

#: A quiet side takes a fiftieth of a core: seconds and samples a second for a hundred samples.
SECONDS, SAMPLES_PER_S = 5.0, 500
#: Rates that are sampled, messages a second, and of what share of these seconds: at higher ones
#: less is enough.
RATES = {400: 1.0, 2_000: 0.6, 5_000: 0.3, 20_000: 0.3, 50_000: 0.3}
#: Rates that are sampled with a handler in the loop too.
LOOP_RATES = (400, 2_000)
#: What a title says of a handler in the loop.
IN_LOOP = ", handler in the loop"
#: The number of a window that is not read.
UNREAD = 999


def title(rate: int, what: str = "") -> str:
    """Return the title of a rate's profile; `what` says which handler it is of."""
    return f"Where CPU goes at {rate:,} messages a second{what}, by samples of stacks"


async def profiles(
    source: TickSource,
    folder: Path,
    pids: Mapping[str, tuple[int, int]],
    seconds: float,
    what: str = "",
) -> list[Table]:
    """Feed each side, by its client id and process, at each rate; return the profiles.

    `seconds` are those at the lowest rate.
    """
    tables = []
    for rate in LOOP_RATES if what else tuple(RATES):
        processes = {name: pid for name, (_, pid) in pids.items()}
        with sampled(folder, processes, SAMPLES_PER_S) as found:
            await asyncio.gather(
                *(
                    source.send(client, rate, seconds * RATES[rate], UNREAD)
                    for client, _ in pids.values()
                )
            )
        tables.append(profile_table(title(rate, what), found))
    return tables
