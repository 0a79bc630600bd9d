"""What a storm of notices comes to, beside windows without one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.figures import Part, Ratio, Spread, Table, number, ratios_of
from benchmarks.profile_figures import Profile, profile_table

#: Bytes of a MB.
MB = 2**20
#: The table that shows where the time goes.
PROFILE = "Where CPU goes in a further window with a storm, by samples of stacks"
HOW = (
    "The simulator sends changes of the quotes of 100 lines at {rate:,} messages a second to a"
    " gateway with a handler in a thread, in windows of {seconds:g} s, in turn without and with a"
    " storm: {notices:,} notices a second of farms that break and come back (2103 to 2108, 2119,"
    " 2157, 2158), of codes that are not documented, now and then of a connection lost and"
    " restored (1100, 1102), and of one line that another session took (10197); words alone, the"
    " ticks go on. CPU is the gateway's; that of a notice is what a window took more than the one"
    " before it. Lines of the log are counted in its file, memory after each window. A further"
    " window with a storm is sampled, and is not counted."
)


class Window(NamedTuple):
    """Hold what the gateway did in one window."""

    messages: int
    notices: int
    cpu_s: float
    #: How late each tick reached the handler, seconds.
    late_s: Sequence[float]
    log_lines: int
    resident: int

    def late_ms(self, share: float) -> float:
        """Return a percentile of how late ticks were, milliseconds."""
        return sorted(self.late_s)[int(len(self.late_s) * share)] * 1000


class Found(NamedTuple):
    """Hold windows without and with a storm, one after the other, and a profile of a storm."""

    quiet: Sequence[Window]
    storm: Sequence[Window]
    profiles: Sequence[Profile]

    def notice_ms(self) -> list[float]:
        """Return the CPU of a notice in each pair of windows, milliseconds; none is below zero."""
        return [
            max(storm.cpu_s - quiet.cpu_s, 0.0) / storm.notices * 1000
            for quiet, storm in zip(self.quiet, self.storm, strict=True)
        ]

    def tick_ms(self) -> list[float]:
        """Return the CPU of a message about a tick in each window without a storm."""
        return [one.cpu_s / one.messages * 1000 for one in self.quiet]


def part_of(found: Found, rate: int, notices: int, seconds: float) -> Part:
    """Sum up what was measured."""
    return Part(
        name="notices",
        title="A storm of notices beside ticks",
        how=HOW.format(rate=rate, notices=notices, seconds=seconds),
        ratios=(
            Ratio(
                name="ticks later at the 99th percentile", of="with a storm / without",
                value=ratios_of(
                    [one.late_ms(0.99) for one in found.storm],
                    [one.late_ms(0.99) for one in found.quiet],
                ),
                # A percentile of what waits for the processor.
                better="less", noise=1.0,
            ),
            Ratio(
                name="ticks that reached the handler", of="with a storm / without",
                value=ratios_of(
                    [float(len(one.late_s)) for one in found.storm],
                    [float(len(one.late_s)) for one in found.quiet],
                ),
                better="more",
            ),
            Ratio(
                name="CPU of a notice", of="a notice / a message about a tick",
                value=ratios_of(found.notice_ms(), found.tick_ms()), better="less",
                # A difference of two windows.
                noise=0.6,
            ),
            Ratio(
                name="lines of the log", of="lines / notices",
                value=Spread.of([one.log_lines / one.notices for one in found.storm]),
                better="less", noise=0.5,
            ),
            Ratio(
                name="resident memory", of="after the last storm / before the first",
                value=Spread.of([found.storm[-1].resident / found.quiet[0].resident]),
                better="less", noise=0.1,
            ),
        ),
        tables=(_table(found), profile_table(PROFILE, found.profiles)),
    )  # fmt: skip


def _table(found: Found) -> Table:
    rows = []
    for name, windows in (("without", found.quiet), ("with a storm", found.storm)):
        rows.append(
            (
                name,
                f"{sum(one.notices for one in windows):,}",
                _median([one.cpu_s for one in windows]),
                _median([one.late_ms(0.5) for one in windows]),
                _median([one.late_ms(0.99) for one in windows]),
                _median([float(len(one.late_s)) for one in windows]),
                str(sum(one.log_lines for one in windows)),
                number(windows[-1].resident / MB),
            )
        )
    rows.append(("a notice, CPU ms", "", _median(found.notice_ms()), "", "", "", "", ""))
    columns = (
        "window", "notices in all", "CPU s", "late p50, ms", "late p99, ms", "ticks handled",
        "lines of the log in all", "MB at the end",
    )  # fmt: skip
    return Table("Windows, medians", columns, tuple(rows))


def _median(values: Sequence[float]) -> str:
    return number(Spread.of(values).median)
