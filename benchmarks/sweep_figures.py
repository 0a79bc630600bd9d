"""What a sweep comes to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from benchmarks.figures import Curve, Part, Plot, Ratio, Spread, Table, number, ratios_of
from benchmarks.profile_figures import Profile, profile_table
from benchmarks.sweep_harness import Round

#: The size of the goals.
NAMED = 10_000
#: Goals: CPU beside the floor; growth of the time beside that of the contracts.
GOAL_CPU, GOAL_GROWTH = 3.0, 1.0
#: A poll of fewer contracts takes a tenth of a second, of which a part is not the poll's.
SMALL = 10_000
#: Noise of a ratio of CPU, as a share of it: for such a poll, and for others. All rounds have the
#: same processes, and three runs of the same code on an idle machine found 3.70, 4.19 and 4.81.
NOISE_SMALL, NOISE = 0.5, 0.4
#: Tables that say where the time of a poll goes.
CPU_PROFILE = f"Where CPU goes in one further poll of {NAMED:,}, by samples of stacks"
PHASES = "From the first batch to the last row, seconds, medians"
#: Not counted: it is the broker's side.
THEIRS = "simulator"
HOW = (
    "Simulator, Redis, gateway, poll worker, lake worker and beat run as shipped, with a beat of"
    " 5 s and rotation off; no contract is active. For each poll that is asked for, beat to landed"
    " is the time from the first batch to the commit of the last row, by the columns of the tables,"
    " read by deltalake alone. CPU is of all processes but the simulator, from the request until a"
    " second after the last row, less what they use while nothing is asked. The floor is one"
    " process in which ib_async decodes the same positions and one write_deltalake writes them. The"
    " document's design is one process too: a MERGE for each change of state, a poll for each"
    " batch; it does the first batches of each poll, and the rest is reckoned from them. Stacks are"
    " sampled in one further poll of 10,000, which is not counted; threads that wait are left out,"
    " and Redis, which is no Python."
)


class Size(NamedTuple):
    """Hold what was measured with so many contracts."""

    contracts: int
    #: CPU seconds a second while nothing is asked, by process.
    idle: dict[str, float]
    ours: list[Round]
    floor: list[dict[str, Any]]
    literal: list[dict[str, Any]]
    #: Of one further poll, of the size that has goals.
    profiles: list[Profile]

    def cpu_s(self, one: Round) -> dict[str, float]:
        """Return the CPU of a poll by process, without what is used anyway."""
        return {
            name: max(used - self.idle[name] * one.seconds, 0.0)
            for name, used in one.cpu_s.items()
            if name != THEIRS
        }

    def totals(self) -> list[float]:
        """Return the CPU of each poll."""
        return [sum(self.cpu_s(one).values()) for one in self.ours]

    def floors(self) -> list[float]:
        """Return the CPU of each round of the floor."""
        return [float(one["cpu_s"]) for one in self.floor]

    def literals(self, what: str) -> list[float]:
        """Return CPU or time of the document's design, all batches reckoned: cpu_s or seconds."""
        inserting = "insert_s" if what == "seconds" else f"insert_{what}"
        return [
            float(one[inserting]) + float(one[what]) * one["batches"] / one["done"]
            for one in self.literal
        ]

    def landed_s(self) -> list[float]:
        """Return beat to landed of each poll."""
        return [one.beat_to_landed_s for one in self.ours]


def part_of(sizes: Sequence[Size]) -> Part:
    """Sum up what was measured."""
    return Part(
        name="sweep",
        title="Sweep: one poll of 1,000 to 20,000 contracts",
        how=HOW,
        ratios=(
            *(_beside_floor(size) for size in sizes),
            *(_beside_literal(size) for size in sizes),
            *_growth(sizes),
        ),
        tables=(_times(sizes), _by_process(sizes), _phases(sizes), *_profiles(sizes)),
        plots=(
            _plot("sweep-cpu", "CPU of one poll", "CPU s", sizes,
                  ("Slotwise", Size.totals), ("floor", Size.floors),
                  ("the document's design", lambda size: size.literals("cpu_s"))),
            _plot("sweep-landed", "Beat to landed", "s", sizes,
                  ("Slotwise", Size.landed_s),
                  ("the document's design", lambda size: size.literals("seconds"))),
        ),
    )  # fmt: skip


def _beside_floor(size: Size) -> Ratio:
    return Ratio(
        name=f"CPU of a poll of {size.contracts:,}",
        of="Slotwise / floor",
        value=ratios_of(size.totals(), size.floors()),
        better="less",
        goal=GOAL_CPU if size.contracts == NAMED else None,
        noise=NOISE_SMALL if size.contracts < SMALL else NOISE,
        profile=CPU_PROFILE if size.profiles else "",
    )


def _beside_literal(size: Size) -> Ratio:
    return Ratio(
        name=f"CPU of the document's design, {size.contracts:,}",
        of="document's design / Slotwise",
        value=ratios_of(size.literals("cpu_s"), size.totals()),
        better="more",
        noise=0.4,
    )


def _growth(sizes: Sequence[Size]) -> list[Ratio]:
    """Compare time and contracts of each size from the second on with the size before."""
    return [
        Ratio(
            name=f"beat to landed from {before.contracts:,} to {after.contracts:,}",
            of="growth of the time / growth of the contracts",
            value=Spread.of(
                [
                    value / Spread.of(before.landed_s()).median * before.contracts / after.contracts
                    for value in after.landed_s()
                ]
            ),
            better="less",
            goal=GOAL_GROWTH,
            noise=0.4,
            profile=PHASES,
        )
        for before, after in pairwise(sizes)
    ]


def _times(sizes: Sequence[Size]) -> Table:
    rows = []
    for size in sizes:
        medians = [
            Spread.of(values).median
            for values in (
                size.landed_s(),
                [one.asked_to_landed_s for one in size.ours],
                size.literals("seconds"),
                size.totals(),
                size.floors(),
                size.literals("cpu_s"),
                [float(one.commits) for one in size.ours],
                [one.redis_bytes / 1e6 for one in size.ours],
            )
        ]
        rows.append((f"{size.contracts:,}", *(number(value) for value in medians)))
    columns = (
        "contracts", "beat to landed, s", "asked to landed, s", "document's design, s",
        "CPU s", "floor, CPU s", "document's design, CPU s", "commits", "Redis at most, MB more",
    )  # fmt: skip
    return Table("One poll, medians", columns, tuple(rows))


def _phases(sizes: Sequence[Size]) -> Table:
    rows = tuple(
        (
            f"{size.contracts:,}",
            *(
                number(Spread.of(values).median)
                for values in (
                    [one.made_s for one in size.ours],
                    [one.worked_s for one in size.ours],
                    [one.beat_to_landed_s - one.made_s - one.worked_s for one in size.ours],
                )
            ),
        )
        for size in sizes
    )
    columns = (
        "contracts", "until the last batch was made", "until it was worked off",
        "until its rows landed",
    )  # fmt: skip
    return Table(PHASES, columns, rows)


def _profiles(sizes: Sequence[Size]) -> list[Table]:
    return [profile_table(CPU_PROFILE, size.profiles) for size in sizes if size.profiles]


def _by_process(sizes: Sequence[Size]) -> Table:
    names = [name for name in sizes[0].idle if name != THEIRS]
    rows = tuple(
        (
            f"{size.contracts:,}",
            *(number(Spread.of([size.cpu_s(o)[n] for o in size.ours]).median) for n in names),
            number(sum(used for name, used in size.idle.items() if name != THEIRS)),
        )
        for size in sizes
    )
    return Table(
        "CPU seconds of one poll by process, medians",
        ("contracts", *names, "all of them while nothing is asked, a second"),
        rows,
    )


def _plot(
    name: str,
    title: str,
    y: str,
    sizes: Sequence[Size],
    *curves: tuple[str, Callable[[Size], list[float]]],
) -> Plot:
    return Plot(
        name=name,
        title=title,
        x="contracts",
        y=y,
        curves=tuple(
            Curve(
                label, tuple((float(size.contracts), Spread.of(of(size)).median) for size in sizes)
            )
            for label, of in curves
        ),
        log_x=True,
        log_y=True,
    )
