"""What the windows of ticks come to. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from benchmarks.figures import Curve, Part, Plot, Ratio, Spread, Table, number, ratios_of
from benchmarks.tick_profile import IN_LOOP, title

#: The rate of the goals.
NAMED_RATE = 5_000
#: Goals: messages a CPU second beside bare; milliseconds more at the 99th percentile.
GOAL_SHARE, GOAL_MORE_MS = 0.9, 1.0
HOW = (
    "The simulator sends changes of the quotes of 100 lines as TWS does, four messages each: bid,"
    " its size, ask, its size; the prices are the time of sending, and its own market is stopped."
    " The gateway with all it does, and bare ib_async with one handler, are processes of their own"
    " on a connection each, fed in turn. Both handlers note when each price came. The gateway's"
    " handlers run in a thread and receive the newest of each contract; one that asks for it is"
    " called in the loop, where a tick is read, and that is measured too, with processes of its own"
    " on both sides. Handled is what was sent"
    " and read; CPU is the whole process's. With bids alone every message is another line's: that"
    " is the worst case for the gateway, which makes one quote of what one packet says of a line."
    " In the last round both are fed for some seconds more while their stacks are sampled, which"
    " is not counted; threads that wait are left out."
)


class Window(NamedTuple):
    """Hold what one side did with one window."""

    messages: int
    cpu_s: float
    late_s: list[float]

    @property
    def per_cpu_s(self) -> float:
        """Messages handled in a second of its CPU."""
        return self.messages / self.cpu_s

    def late_ms(self, share: float) -> float:
        """Return a percentile of how late ticks reached the handler, milliseconds."""
        return sorted(self.late_s)[int(len(self.late_s) * share)] * 1000


#: By rate, the windows of gateway and bare client, measured one after the other.
Pairs: TypeAlias = dict[int, list[tuple[Window, Window]]]


class Found(NamedTuple):
    """Hold what was measured with whole changes of quotes, with bids alone, and in the loop.

    In the loop are whole changes with a handler that is called where a tick is read.
    """

    changes: Pairs
    bids: Pairs
    in_loop: Pairs
    #: Of further windows, with a handler in a thread and in the loop.
    profiles: list[Table]


def part_of(found: Found) -> Part:
    """Sum up what was measured."""
    return Part(
        name="ticks",
        title="Ticks: 100 lines, from socket to handler",
        how=HOW,
        ratios=(
            *(
                _handled(rate, pairs, "", GOAL_SHARE, _profile(found, rate))
                for rate, pairs in found.changes.items()
            ),
            *(_handled(rate, pairs, ", bids alone", None) for rate, pairs in found.bids.items()),
            *(
                _handled(rate, pairs, IN_LOOP, GOAL_SHARE, _profile(found, rate, IN_LOOP))
                for rate, pairs in found.in_loop.items()
            ),
            _later(found.changes[NAMED_RATE]),
        ),
        tables=(
            Table(
                "Messages handled a CPU second, medians",
                ("messages a second", "gateway", "bare ib_async"),
                (
                    *_rows(found.changes, ""),
                    *_rows(found.bids, " bids alone"),
                    *_rows(found.in_loop, " handler in the loop"),
                ),
            ),
            Table(
                "Later than sent, ms, medians",
                ("messages a second", "gateway p50", "bare p50", "gateway p99", "bare p99"),
                (
                    *_late_rows(found.changes, ""),
                    *_late_rows(found.bids, " bids alone"),
                    *_late_rows(found.in_loop, " handler in the loop"),
                ),
            ),
            *found.profiles,
        ),
        plots=(
            _plot("ticks-handled", "Messages handled a CPU second", "messages", found.changes,
                  lambda window: window.per_cpu_s),
            _plot("ticks-late", "Later than sent, 99th percentile", "ms", found.changes,
                  lambda window: window.late_ms(0.99)),
        ),
    )  # fmt: skip


def _profile(found: Found, rate: int, what: str = "") -> str:
    """Return the title of the profile at a rate; nothing where none was taken."""
    return next((one.title for one in found.profiles if one.title == title(rate, what)), "")


def _handled(
    rate: int,
    pairs: list[tuple[Window, Window]],
    what: str,
    goal: float | None,
    profile: str = "",
) -> Ratio:
    return Ratio(
        name=f"handled a CPU second at {rate:,} messages a second{what}",
        of="gateway / bare ib_async",
        value=ratios_of([one.per_cpu_s for one, _ in pairs], [two.per_cpu_s for _, two in pairs]),
        better="more",
        goal=goal,
        profile=profile,
    )


def _later(pairs: list[tuple[Window, Window]]) -> Ratio:
    more_ms = [ours.late_ms(0.99) - bare.late_ms(0.99) for ours, bare in pairs]
    return Ratio(
        name=f"later at the 99th percentile, {NAMED_RATE:,} messages a second",
        of=f"(gateway - bare ib_async) / {GOAL_MORE_MS:g} ms",
        value=Spread.of([ms / GOAL_MORE_MS for ms in more_ms]),
        better="less",
        goal=1.0,
        noise=1.0,
    )


def _rows(pairs: Pairs, what: str) -> list[tuple[str, ...]]:
    return [
        (f"{rate:,}{what}", *(number(_median(of, n, lambda w: w.per_cpu_s)) for n in (0, 1)))
        for rate, of in pairs.items()
    ]


def _late_rows(pairs: Pairs, what: str) -> list[tuple[str, ...]]:
    rows = []
    for rate, of in pairs.items():
        shown = [
            number(Spread.of([pair[n].late_ms(q) for pair in of]).median)
            for q in (0.5, 0.99)
            for n in (0, 1)
        ]
        rows.append((f"{rate:,}{what}", *shown))
    return rows


def _median(
    pairs: list[tuple[Window, Window]], side: int, value: Callable[[Window], float]
) -> float:
    return Spread.of([value(pair[side]) for pair in pairs]).median


def _plot(name: str, title: str, y: str, found: Pairs, value: Callable[[Window], float]) -> Plot:
    return Plot(
        name=name,
        title=title,
        x="messages a second",
        y=y,
        curves=tuple(
            Curve(label, tuple((float(rate), _median(of, n, value)) for rate, of in found.items()))
            for n, label in enumerate(("gateway", "bare ib_async"))
        ),
        log_x=True,
        log_y=True,
    )
