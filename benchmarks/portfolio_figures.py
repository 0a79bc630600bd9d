"""The result of the benchmark of the portfolio: its goals, and their figures. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Part, Ratio, Spread, Table, number
from benchmarks.profile_figures import Profile, profile_table

#: Goals: the first screen of 10,000 holdings, seconds, and what a live screen takes of a core.
FIRST_S, CORE = 1.5, 0.1

#: The table that shows where the time goes.
PROFILE = "Where CPU goes in a further screen, by samples of stacks"
HOW = (
    "A Redis has the boards of a gateway with {holdings} holdings, nine of ten of them options, "
    "and a lake has their rows and contracts; marks of all and quotes of a hundred are published "
    "each second. Each command is a process of its own on a terminal of 80 x 24. A first screen is "
    "the time from its start until 23 lines are shown; the share of a core is its CPU time over "
    "at least {watched} s of watching, from one drawing to another, behind its start. A further "
    "screen of each is sampled, and is not counted; sampling begins some tenths of a second after "
    "a command does."
)


def part_of(
    first: Sequence[float],
    watch: Sequence[float],
    top: Sequence[float],
    profiles: Sequence[Profile] = (),
    *,
    holdings: int,
    watched_s: float,
) -> Part:
    """Return the part."""
    ratios = (
        Ratio(
            name=f"first screen of {holdings:,} holdings",
            of="seconds of 1.5",
            value=Spread.of([seconds / FIRST_S for seconds in first]),
            better="less",
            goal=1.0,
            noise=0.5,
            profile=PROFILE,
        ),
        *(
            Ratio(
                name=f"`slotwise {name}` of {holdings:,} holdings",
                of="share of one core",
                value=Spread.of(shares),
                better="less",
                goal=CORE,
                noise=0.5,
                profile=PROFILE,
            )
            for name, shares in (("portfolio --watch", watch), ("top", top))
        ),
    )
    table = Table(
        "Seconds and shares of a core",
        ("what", "lowest", "median", "highest"),
        tuple(
            (name, *(f"{number(value)}{unit}" for value in (of.low, of.median, of.high)))
            for name, of, unit in (
                ("first screen", Spread.of(first), " s"),
                ("--watch", Spread.of([100 * share for share in watch]), " %"),
                ("top", Spread.of([100 * share for share in top]), " %"),
            )
        ),
    )
    return Part(
        name="portfolio",
        title="A portfolio on the screen",
        how=HOW.format(holdings=f"{holdings:,}", watched=f"{watched_s:g}"),
        ratios=ratios,
        tables=(table, profile_table(PROFILE, profiles)),
    )
