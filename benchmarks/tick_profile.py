"""Where the CPU of ticks goes: both sides are fed once more while their stacks are sampled."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from benchmarks.figures import Table
from benchmarks.profile import sampled
from benchmarks.profile_figures import profile_table
from benchmarks.tick_source import TickSource

#: Rates that are sampled, messages a second, and for how long, seconds, where half of the effort is
#: made or more. A side takes a fiftieth of a core at the lowest, and each needs some fifty samples.
RATES = {400: 20.0, 2_000: 15.0, 5_000: 10.0, 20_000: 5.0, 50_000: 4.0}
#: Seconds are these at this share of the full effort and more, and fewer below.
WHOLE_SHARE = 0.5
#: They are at least this many.
LEAST_S = 0.5
#: Rates that are sampled with a handler in the loop too.
LOOP_RATES = (400, 2_000)
#: The words of a title for a handler in the loop.
IN_LOOP = ", handler in the loop"
#: The number of a window that is not read.
UNREAD = 999


def title(rate: int, what: str = "") -> str:
    """Return the title of a rate's profile; `what` names the handler."""
    return f"Where CPU goes at {rate:,} messages a second{what}, by samples of stacks"


async def profiles(
    source: TickSource,
    folder: Path,
    pids: Mapping[str, tuple[int, int]],
    share: float,
    what: str = "",
) -> list[Table]:
    """Feed each side, by its client id and process, at each rate; return the profiles.

    `share` is the share of the full effort.
    """
    tables = []
    for rate in LOOP_RATES if what else tuple(RATES):
        processes = {name: pid for name, (_, pid) in pids.items()}
        seconds = max(RATES[rate] * min(1.0, share / WHOLE_SHARE), LEAST_S)
        with sampled(folder, processes) as found:
            await asyncio.gather(
                *(source.send(client, rate, seconds, UNREAD) for client, _ in pids.values())
            )
        tables.append(profile_table(title(rate, what), found))
    return tables
