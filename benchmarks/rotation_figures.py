"""What the rotation's windows say: rates beside the bound and the usual way, and ages. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.figures import Curve, Part, Plot, Ratio, Spread, Table, number, ratios_of
from benchmarks.rotation_account import Account

#: Contracts that say nothing in the last windows, one in sixty; TWS waits 11 s for such a quote.
SILENT = 3
#: Goals: of the bound; and the oldest quote beside what was promised.
GOAL_RATE, GOAL_AGE = 0.95, 1.2
HOW = (
    "200 contracts, 20 of them active, 100 lines. The gateway rotates quotes of the 180 others; the"
    " usual way, bare ib_async in a process of its own on an equal simulator at the same time,"
    " streams 20 and takes snapshots of the others in batches of 80, waits for all, and takes the"
    " next 80. Both leave ib_async's limit of 45 messages a second as it is, and are held by it,"
    " not by CPU; both simulators run in the benchmark's process. The floor of quotes is off"
    " (SLOTWISE_QUOTE_FLOOR_S=0), as it would hold both back here. The bound is what idle lines"
    " give by how long a quote took, or what the 45 messages, two of them kept free, give that"
    " nothing else took: whichever is less; all from the simulator's ledger and wire log. The"
    " promised age is the gateway's own; the oldest is from the ledger. In the last windows three"
    " of the others are dead, as an option nobody makes a market in, and are not counted: TWS gives"
    " up such a snapshot after 11 s, and a batch waits for it."
)


class Times(NamedTuple):
    """Hold when a window was, by the clocks of our simulator and the other, and what it promised.

    Times are unix seconds.
    """

    since: tuple[float, float]
    until: tuple[float, float]
    promised_s: float


class Window(NamedTuple):
    """Hold what both sides did in one window; bounds are quotes a second."""

    ours: Account
    usual: Account
    lines_bound: float
    messages_bound: float
    promised_s: float

    @property
    def bound(self) -> float:
        """The lesser of both bounds."""
        return min(self.lines_bound, self.messages_bound)


def part_of(windows: Sequence[Window], silent: Sequence[Window]) -> Part:
    """Sum up what was measured."""
    ours, usual = [one.ours for one in windows], [one.usual for one in windows]
    return Part(
        name="rotation",
        title="Rotation: quotes on idle lines",
        how=HOW,
        ratios=(
            Ratio(
                name="quotes a second", of="gateway / computed bound", better="more",
                goal=GOAL_RATE, noise=0.05,
                value=ratios_of(_rates(ours), [one.bound for one in windows]),
            ),
            Ratio(
                name="quotes a second, beside the usual way", of="gateway / usual way",
                better="more", value=ratios_of(_rates(ours), _rates(usual)),
            ),
            Ratio(
                name=f"quotes a second, {SILENT} contracts say nothing",
                of="gateway / usual way", better="more", noise=0.4,
                value=ratios_of(
                    _rates([one.ours for one in silent]), _rates([one.usual for one in silent])
                ),
            ),
            Ratio(
                name="oldest quote of any contract", of="reached / promised", better="less",
                goal=GOAL_AGE, noise=0.1,
                value=ratios_of(
                    [one.oldest_s for one in ours], [one.promised_s for one in windows]
                ),
            ),
        ),
        tables=(_table(windows, silent),),
        plots=(
            Plot(
                name="rotation-ages", title="Quotes replaced at an age of at most", x="s",
                y="share", curves=(Curve("gateway", _within(ours)),
                                   Curve("usual way", _within(usual))),
            ),
        ),
    )  # fmt: skip


def _table(windows: Sequence[Window], silent: Sequence[Window]) -> Table:
    return Table(
        "Quotes, medians of the windows; the oldest of all of them",
        ("", "a second", "a quote takes, s", "median age, s", "oldest, s", "rejected"),
        (
            ("gateway", *_row([one.ours for one in windows])),
            (
                "bound by messages",
                _median(windows, lambda one: one.messages_bound),
                "",
                "",
                f"{_median(windows, lambda one: one.promised_s)} promised",
                "",
            ),
            ("bound by lines", _median(windows, lambda one: one.lines_bound), "", "", "", ""),
            ("usual way", *_row([one.usual for one in windows])),
            (f"gateway, {SILENT} silent", *_row([one.ours for one in silent])),
            (f"usual way, {SILENT} silent", *_row([one.usual for one in silent])),
        ),
    )


def _median(windows: Sequence[Window], of: Callable[[Window], float]) -> str:
    return number(Spread.of([of(one) for one in windows]).median)


def _rates(side: Sequence[Account]) -> list[float]:
    return [one.rate for one in side]


def _ages(side: Sequence[Account]) -> list[float]:
    return sorted(age for one in side for age in one.ages_s)


def _row(side: Sequence[Account]) -> tuple[str, ...]:
    return (
        number(Spread.of(_rates(side)).median),
        number(Spread.of([one.takes_s for one in side]).median),
        number(Spread.of(_ages(side)).median),
        number(max(one.oldest_s for one in side)),
        str(sum(one.rejected for one in side)),
    )


def _within(side: Sequence[Account]) -> tuple[tuple[float, float], ...]:
    ages = _ages(side)
    return tuple((age, (n + 1) / len(ages)) for n, age in enumerate(ages))
