"""What years of beats come to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from benchmarks.figures import Curve, Part, Plot, Ratio, Spread, Table, number
from benchmarks.profile_figures import Timed, times_table

#: Parts of a step's commits, for a spread.
GROUPS = 4
HOW = (
    "12 contracts are polled every 30 s. With maintenance: the product's lander lands the first"
    " ten minutes of the days named, with maintenance every five; the days between are written as"
    " maintenance leaves them, one file a table, with four hours of positions, 20 minutes of the"
    " queue and a file of marks. Without: the same lander, without maintenance, and most files are"
    " copies of one beat's, put into Delta's log by one commit, which flatters it. A start reads"
    " the queue from the lake. A question is the book as of a random moment of the last ten"
    " minutes, and is asked in turn with the same of a copy of the lake as it was on the first day."
    " At the last day 60 questions are asked while beats land each half a second, ten times as"
    " often as in the product. Functions are timed in further landings and questions, which are"
    " slower by it and are not counted."
)
#: The day that the goals are about, and what they are.
GOAL_DAY, GOAL = 365, 1.25
#: Goal of a question beside landings, 95th percentile, seconds.
GOAL_QUESTION_S = 0.2
#: Tables that say where the time goes.
LANDING_PROFILE = "Functions that take most of one landing"
QUESTION_PROFILE = "Functions that take most of one question about the past"


class Step(NamedTuple):
    """Hold what was measured at one size of a lake; times in seconds."""

    days: float
    commit_s: list[float]
    files: int
    rows: int
    #: Rows of positions alone, which a question reads.
    positions: int
    megabytes: float
    start_s: float
    as_of_s: list[float]
    #: Of the lake as it was on the first day, asked in turn with this one.
    first_as_of_s: list[float]

    def commit(self, share: float) -> float:
        """Return a percentile of the landings."""
        return sorted(self.commit_s)[int(len(self.commit_s) * share)]

    def as_of(self) -> float:
        """Return the median of the questions."""
        return Spread.of(self.as_of_s).median


class Kept(NamedTuple):
    """Hold what was measured with maintenance, and functions' times by the day, of one call."""

    steps: Sequence[Step]
    #: Questions of the last day while beats landed, seconds.
    beside_s: Sequence[float]
    landings: Mapping[str, Mapping[str, Timed]]
    questions: Mapping[str, Mapping[str, Timed]]


def part_of(measured: Kept, left: Sequence[Step]) -> Part:
    """Sum up what was measured."""
    kept = measured.steps
    first, last, worst = kept[0], kept[-1], left[-1]
    return Part(
        name="year",
        title="Years of beats in the lake",
        how=HOW,
        ratios=(
            *(one for step in kept[1:] for one in _beside(step, first)),
            Ratio(
                name=f"question beside landings, 95th percentile, day {last.days:g}",
                of=f"seconds / {GOAL_QUESTION_S * 1000:g} ms",
                value=Spread.of([_percentile(measured.beside_s, 0.95) / GOAL_QUESTION_S]),
                better="less", goal=1.0, noise=0.5, profile=QUESTION_PROFILE,
            ),
            Ratio(
                name=f"landing without maintenance, {worst.files:,} files",
                of="without / with, at the last day",
                value=_grouped(worst.commit_s, last.commit_s), better="more", noise=0.4,
            ),
            Ratio(
                name=f"question without maintenance, {worst.files:,} files",
                of="without / with, at the last day",
                value=Spread.of([one / last.as_of() for one in worst.as_of_s]), better="more",
                noise=0.4,
            ),
        ),
        tables=(
            _table("With maintenance", kept), _table("Without", left),
            times_table(LANDING_PROFILE, measured.landings),
            times_table(QUESTION_PROFILE, measured.questions),
        ),
        plots=(
            _plot("year-commit", "A landing, median", kept, left, lambda step: step.commit(0.5)),
            _plot("year-as-of", "A question about the past, median", kept, left, Step.as_of),
            _plot("year-files", "Live files of a table", kept, left, lambda s: s.files / 1000,
                  "files"),
        ),
    )  # fmt: skip


def _beside(step: Step, first: Step) -> tuple[Ratio, Ratio]:
    """Compare a day with the first one."""
    goal = GOAL if step.days == GOAL_DAY else None
    of = f"day {step.days:g} / day {first.days:g}"
    return (
        Ratio(
            name=f"landing, median, day {step.days:g}", of=of,
            value=_grouped(step.commit_s, first.commit_s), better="less", goal=goal,
            profile=LANDING_PROFILE,
        ),
        Ratio(
            name=f"question about the past, day {step.days:g}", of=of,
            value=_grouped(step.as_of_s, step.first_as_of_s), better="less", goal=goal, noise=0.25,
            profile=QUESTION_PROFILE,
        ),
    )  # fmt: skip


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]


def _grouped(ours: list[float], beside: list[float]) -> Spread:
    """Divide medians of parts of both."""
    groups = min(GROUPS, len(ours), len(beside))
    return Spread.of(
        [
            Spread.of(ours[n::groups]).median / Spread.of(beside[n::groups]).median
            for n in range(groups)
        ]
    )


def _table(title: str, steps: Sequence[Step]) -> Table:
    columns = (
        "days", "rows", "of positions", "MB", "live files at most", "landing p50, ms", "p99, ms",
        "start, s", "question, ms",
    )  # fmt: skip
    rows = tuple(
        (
            number(step.days), f"{step.rows:,}", f"{step.positions:,}", number(step.megabytes),
            f"{step.files:,}",
            number(step.commit(0.5) * 1000), number(step.commit(0.99) * 1000),
            number(step.start_s), number(step.as_of() * 1000),
        )
        for step in steps
    )  # fmt: skip
    return Table(title, columns, rows)


def _plot(
    name: str,
    title: str,
    kept: Sequence[Step],
    left: Sequence[Step],
    value: Callable[[Step], float],
    y: str = "ms",
) -> Plot:
    return Plot(
        name=name,
        title=title,
        x="days",
        y=y,
        curves=tuple(
            Curve(label, tuple((step.days, value(step) * 1000) for step in steps if step.days))
            for label, steps in (("with maintenance", kept), ("without", left))
        ),
        log_x=True,
        log_y=True,
    )
