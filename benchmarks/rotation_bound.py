"""The most quotes a second that lines, messages and the times of quotes allow. Pure.

Each quote takes a snapshot (one message, a line until TWS ends it) or a short stream (two
messages, a line until what is wanted is there), whichever suits; ways may be mixed. That is a
linear program with two limits, and its dual has one unknown: what a message is worth beside a line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from benchmarks.rotation_account import Took, Way

#: Messages of a quote.
MESSAGES: dict[Way, int] = {"snapshot": 1, "stream": 2}
#: Steps between a price by lines alone and one by messages alone.
STEPS = 1_000

#: Seconds that a quote of a kind holds its line, by kind and way.
Times: TypeAlias = Mapping[tuple[str, Way], float]


def bound(shares: Mapping[str, float], times: Times, idle: float, messages: float) -> float:
    """Return the quotes a second of kinds in these shares, on `idle` lines and `messages` a second.

    Shares sum up to 1. A way without a time is not to be had.
    """
    dearest = max(
        sum(
            share
            * min(
                worth * MESSAGES[way] / messages + (1 - worth) * seconds / idle
                for (of, way), seconds in times.items()
                if of == kind
            )
            for kind, share in shares.items()
        )
        for worth in (step / STEPS for step in range(STEPS + 1))
    )
    return 1 / dearest


def shares_of(took: Sequence[Took], kinds: Mapping[int, str]) -> dict[str, float]:
    """Return which share of the quotes was of which kind."""
    counts = Counter(kinds[one.con_id] for one in took)
    return {kind: count / len(took) for kind, count in counts.items()}


def times_of(took: Sequence[Took], kinds: Mapping[int, str], known: Times) -> Times:
    """Return how long quotes of each kind and way took; where none did, what is known of it."""
    found = defaultdict(list)
    for one in took:
        found[kinds[one.con_id], one.way].append(one.seconds)
    return {**known, **{key: sum(all_) / len(all_) for key, all_ in found.items()}}
