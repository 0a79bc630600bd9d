"""The result of the benchmark of marks: goals of each day, and the figures behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.figures import Part, Ratio, Spread, Table, number
from benchmarks.mark_replay import Scores
from benchmarks.profile_figures import Timed, times_table

#: Minutes between two quotes of a contract: the period with goals, and a long one beside it.
PERIOD, LONG_PERIOD = 8, 30
#: Largest mean error of marks up to eight minutes old, half-spreads: of options as liquid as those
#: on the E-mini future. Others have it as a figure.
ERROR = 0.4
#: How far the share of markets inside the bands may be from 95 %, points.
COVERAGE_POINTS = 2.0
#: How many times the width of the best fixed band, tuned in hindsight, the median band may have.
WIDTH = 1.3
#: How many times less the error of a book of 300 must be than by keeping the last quote.
BOOK = 3.0
#: Share of a core that marks of 10,000 holdings, every second, may take.
COST = 0.05

HOW = (
    "Each option is quoted once in eight minutes at a random phase, and marked every minute in "
    "between from its own last quote and the underlying; the market of that minute, which marks "
    "never see, is the truth. Beside it: the last quote kept, and the best fixed band, tuned in "
    "hindsight. Greeks are computed from each quote's own middle."
)
#: The tables that say where an error comes from, and where the time goes.
ERRORS = "Errors in half-spreads, bands as half their width"
PROFILE = "Functions that take most of a round of 10,000 marks"
_COLUMNS = (
    "day", "minutes", "tests", "error", "last quote kept", "inside bid and ask", "covered",
    "median band", "best fixed", "book of 300", "with a mark", "stickiness",
)  # fmt: skip


def part_of(
    scores: Mapping[tuple[str, int], Scores],
    costs: Sequence[float],
    times: Mapping[str, Timed] | None = None,
    *,
    liquid: Sequence[str],
) -> Part:
    """Return the part; `liquid` names the days whose error has a goal."""
    ratios = []
    for (day, period), found in scores.items():
        if period == PERIOD:
            ratios += _ratios(day, found, ERROR if day in liquid else None)
    if costs:
        ratios.append(
            Ratio(
                name="cost of 10,000 marks a second",
                of="share of one core",
                value=Spread.of(costs),
                better="less",
                goal=COST,
                noise=1.0,
                profile=PROFILE if times else "",
            )
        )
    rows = tuple(_row(day, period, found) for (day, period), found in scores.items())
    return Part(
        name="marks",
        title="Marks between two quotes",
        how=HOW,
        ratios=tuple(ratios),
        tables=(
            Table(ERRORS, _COLUMNS, rows),
            *((times_table(PROFILE, {"a round": times}),) if times else ()),
        ),
    )


def missed(part: Part) -> list[str]:
    """Return a line for each goal that was not reached."""
    return [
        f"{ratio.name}: {number(ratio.value.median)}, goal {number(ratio.goal or 0.0)}"
        for ratio in part.ratios
        if ratio.met is False
    ]


def _ratios(day: str, found: Scores, error: float | None) -> list[Ratio]:
    def one(what: str, of: str, value: float, goal: float | None, *, less: bool = True) -> Ratio:
        return Ratio(
            name=f"{day}: {what}",
            of=of,
            value=Spread.of([value]),
            better="less" if less else "more",
            goal=goal,
            profile=ERRORS,
        )

    off = abs(found.covered - 0.95) * 100.0
    wide = found.width / found.fixed_width
    return [
        one("mean error", "mark - middle / half-spread", found.error, error),
        one("coverage off 95 %", "points", off, COVERAGE_POINTS),
        one("band", "median / best fixed in hindsight", wide, WIDTH),
        one("book of 300", "error of kept / of marks", found.book_ratio, BOOK, less=False),
    ]


def _row(day: str, period: int, found: Scores) -> tuple[str, ...]:
    return (
        day,
        str(period),
        f"{found.tests:,}",
        f"{found.error:.3f}",
        f"{found.kept_error:.3f}",
        f"{found.inside:.1%}",
        f"{found.covered:.1%}",
        f"{found.width:.3f}",
        f"{found.fixed_width:.3f}",
        f"{found.book_ratio:.2f} times",
        f"{found.marked:.1%}",
        f"{found.stickiness:.2f}",
    )
