"""What a start comes to with contracts that are unknown, and with all of them known. Pure."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from benchmarks.figures import Part, Ratio, Spread, Table, number

#: Messages a second that TWS takes of a client.
TWS_LIMIT = 50
#: The request of a contract's details, by its number on the wire.
DETAILS = 9
#: Not counted: it is the broker's side.
THEIRS = "simulator"
#: A beat is 5 s, and a start takes some of them: two runs may differ by one.
NOISE_BEATS = 1.0
#: Goal of details that are asked for though all are known: of underlyings that are not held.
GOAL_DETAILS = 0.05
#: The table that shows what a start does in its time.
PHASES = "A start by what it waits for"
HOW = (
    "{contracts} contracts are held. Gateway, poll worker, lake worker and beat are started"
    " together, with a Redis that is empty, first on a lake that is empty, and then once more on"
    " that lake, into which the details of each contract were written as a gateway keeps them: to"
    " look all of them up takes {contracts} requests, ten minutes or so. The board is whole when"
    " Redis has all positions; all have landed when the lake has a row of each. Requests and CPU"
    " are those of the first {seconds:.0f} s of each start, by the simulator's wire log and the"
    " kernel's clock. Those of the busiest second are messages of any kind, by when the"
    " simulator read them; above its limit TWS holds messages back."
)


class Start(NamedTuple):
    """Hold what one start took, seconds from the start of the processes."""

    board_s: float
    landed_s: float
    #: Counted over this long, seconds.
    seconds: float
    details: int
    most_a_second: int
    #: Messages that the simulator's pacing held back, as TWS does above its limit.
    held_back: int
    #: CPU seconds by process.
    cpu_s: Mapping[str, float]

    def cpu(self) -> float:
        """Return the CPU of all processes but the broker's."""
        return sum(used for name, used in self.cpu_s.items() if name != THEIRS)


class Requests(NamedTuple):
    """Hold the requests of a time: of details, of the busiest second, and those that waited."""

    details: int
    most_a_second: int
    held_back: int


def requests_of(wire_log: Iterable[str], since: float, until: float) -> Requests:
    """Count what clients sent between two times, unix seconds."""
    times, details, held_back = [], 0, 0
    for note in map(json.loads, wire_log):
        # A message that had to wait is noted again when it is worked off.
        is_sent = note.get("dir") == "in" and note.get("state") != "released"
        if not is_sent or not since <= note["t"] < until:
            continue
        times.append(note["t"])
        details += note.get("id") == DETAILS
        held_back += note.get("state") == "waits"
    times.sort()
    most = max((n + 1 - bisect_left(times, at - 1.0) for n, at in enumerate(times)), default=0)
    return Requests(details, most, held_back)


def part_of(unknown: Start, known: Start, contracts: int) -> Part:
    """Sum up both starts."""
    return Part(
        name="start",
        title="A start with 10,000 contracts, unknown and known",
        how=HOW.format(contracts=f"{contracts:,}", seconds=unknown.seconds),
        ratios=(
            _ratio("until the board is whole", unknown.board_s, known.board_s, NOISE_BEATS),
            _ratio("until all have landed", unknown.landed_s, known.landed_s, NOISE_BEATS),
            _ratio("CPU", unknown.cpu(), known.cpu(), 0.4),
            _ratio(
                "requests of details", unknown.details, known.details, NOISE_BEATS, GOAL_DETAILS
            ),
            Ratio(
                name="messages of the busiest second", of=f"sent / {TWS_LIMIT}, the limit of TWS",
                value=Spread.of([one.most_a_second / TWS_LIMIT for one in (unknown, known)]),
                # By when the simulator read them: on a busy machine some of the next second too.
                better="less", noise=0.2,
            ),
        ),
        tables=(_table(unknown, known, contracts), _by_process(unknown, known)),
    )  # fmt: skip


def _ratio(
    what: str, unknown: float, known: float, noise: float, goal: float | None = None
) -> Ratio:
    return Ratio(
        name=f"{what}, known contracts",
        of="known / unknown",
        value=Spread.of([known / max(unknown, 1e-9)]),
        better="less",
        goal=goal,
        noise=noise,
        profile=PHASES,
    )


def _table(unknown: Start, known: Start, contracts: int) -> Table:
    rows = [
        (
            name,
            number(one.board_s),
            number(one.landed_s),
            f"{one.details:,}",
            number(one.details / one.seconds),
            number(contracts * one.seconds / one.details / 60) if one.details else "none",
            str(one.most_a_second),
            str(one.held_back),
            number(one.cpu()),
        )
        for name, one in (("unknown", unknown), ("known", known))
    ]
    columns = (
        "contracts", "board whole, s", "all landed, s", "requests of details", "a second",
        "minutes for all at that rate", "messages of the busiest second", "held back by TWS",
        "CPU s",
    )  # fmt: skip
    return Table(PHASES, columns, tuple(rows))


def _by_process(unknown: Start, known: Start) -> Table:
    names: Sequence[str] = [name for name in unknown.cpu_s if name != THEIRS]
    return Table(
        "CPU seconds of a start by process",
        ("contracts", *names),
        tuple(
            (label, *(number(one.cpu_s.get(name, 0.0)) for name in names))
            for label, one in (("unknown", unknown), ("known", known))
        ),
    )
