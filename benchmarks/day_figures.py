"""What a day's samples say: growth since the warm-up, beside a bare client's. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median

import msgspec

from benchmarks.figures import Curve, Plot, Ratio, Spread, Table, number, ratios_of

#: Share of the run after which memory is compared with the end: caches are warm by then.
WARM_UP = 0.25
#: Share of the run that is looked at after the warm-up, and again at the end.
WINDOW = 0.1
#: Samples of a window at least.
LEAST = 3
#: Goals: memory and open files at the end beside those after the warm-up.
GOAL_MEMORY, GOAL_FILES = 1.05, 1.1
#: Growth is divided by the bare client's only where that is this many times the scatter of its own
#: samples: below, the quotient is noise.
CLEAR = 3.0
#: Bytes of a MB.
MB = 2**20
#: The table that shows what memory belongs to.
MEMORY = "What resident memory belongs to at the end"
#: Goal: memory beside bare ib_async.
GOAL_BESIDE_BARE = 2.5


class Sample(msgspec.Struct, frozen=True):
    """Hold what a process has at a time, seconds since the beginning."""

    at_s: float
    resident: int
    files: int


class Course(msgspec.Struct, frozen=True):
    """Hold a process's samples, and how much happened to it between the two windows."""

    samples: Sequence[Sample]
    happenings: int

    def warm(self) -> Sequence[Sample]:
        """Return the samples right after the warm-up."""
        first = int(len(self.samples) * WARM_UP)
        return self.samples[first : first + self._window]

    def end(self) -> Sequence[Sample]:
        """Return the last samples, as many."""
        return self.samples[-self._window :]

    def memory(self) -> Spread:
        """Divide memory at the end by memory after the warm-up."""
        return ratios_of([s.resident for s in self.end()], [s.resident for s in self.warm()])

    def files(self) -> Spread:
        """Divide open files at the end by those after the warm-up."""
        return ratios_of([s.files for s in self.end()], [s.files for s in self.warm()])

    def growths(self) -> list[float]:
        """Return the bytes that memory grew by for 1,000 events, once for each pair of samples."""
        pairs = zip(self.end(), self.warm(), strict=True)
        each = max(self.happenings, 1) / 1000
        return [(end.resident - warm.resident) / each for end, warm in pairs]

    @property
    def _window(self) -> int:
        # What is left after the warm-up has room for two windows.
        return min(max(LEAST, int(len(self.samples) * WINDOW)), len(self.samples) // 3)


def ratios(ours: Course, bare: Course) -> tuple[Ratio, ...]:
    """Describe how each grew, and how the gateway did beside the bare client."""
    found = [
        Ratio(
            name="resident memory over a day",
            of="gateway at the end / gateway after the warm-up",
            value=ours.memory(),
            better="less",
            goal=GOAL_MEMORY,
            profile=MEMORY,
            noise=0.05,
        ),
        Ratio(
            name="open files over a day",
            of="gateway at the end / gateway after the warm-up",
            value=ours.files(),
            better="less",
            goal=GOAL_FILES,
            noise=0.1,
        ),
        Ratio(
            name="resident memory at the end of a day",
            of="gateway / bare ib_async",
            value=ratios_of([s.resident for s in ours.end()], [s.resident for s in bare.end()]),
            better="less",
            goal=GOAL_BESIDE_BARE,
            profile=MEMORY,
            noise=0.1,
        ),
    ]
    if is_clear(bare):
        found.append(
            Ratio(
                name="growth of memory for 1,000 happenings",
                of="gateway / bare ib_async",
                value=ratios_of(ours.growths(), bare.growths()),
                better="less",
                noise=1.0,
                may_lack=True,
            )
        )
    return tuple(found)


def is_clear(course: Course) -> bool:
    """Return whether a process grew by much more than its samples scatter."""
    windows = [[s.resident for s in window] for window in (course.warm(), course.end())]
    scatter = max(max(window) - min(window) for window in windows)
    return min(windows[1]) - max(windows[0]) > CLEAR * max(scatter, MB / CLEAR)


def tables(
    courses: Mapping[str, Course], done: Mapping[str, int], quotes: Mapping[str, int]
) -> tuple[Table, ...]:
    """List absolute figures, and what happened."""
    rows = [
        (
            name,
            number(median(s.resident / MB for s in course.warm())),
            number(median(s.resident / MB for s in course.end())),
            number(median(growth / 1024 for growth in course.growths())),
            number(median(s.files for s in course.warm())),
            number(median(s.files for s in course.end())),
        )
        for name, course in courses.items()
    ]
    happened = [(name, f"{count:,}") for name, count in done.items()]
    happened += [(f"snapshots, {name}", f"{count:,}") for name, count in quotes.items()]
    return (
        Table(
            "Memory and open files, medians",
            (
                "process", "MB after the warm-up", "MB at the end",
                "KB grown for 1,000 happenings", "files after the warm-up", "files at the end",
            ),
            tuple(rows),
        ),
        Table("What happened", ("what", "how often"), tuple(happened)),
    )  # fmt: skip


def plots(courses: Mapping[str, Course]) -> tuple[Plot, ...]:
    """Draw memory and open files over time."""

    def curves(value: Callable[[Sample], float]) -> tuple[Curve, ...]:
        return tuple(
            Curve(name, tuple((sample.at_s, value(sample)) for sample in course.samples))
            for name, course in courses.items()
        )

    return (
        Plot(
            name="day-memory",
            title="Resident memory over a day",
            x="seconds",
            y="MB",
            curves=curves(lambda sample: sample.resident / MB),
        ),
        Plot(
            name="day-files",
            title="Open files over a day",
            x="seconds",
            y="files",
            curves=curves(lambda sample: sample.files),
        ),
    )
