"""What the rotation's windows say: rates beside the bound and the usual way, and ages. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from benchmarks.figures import Curve, Part, Plot, Ratio, Spread, Table, number, ratios_of
from benchmarks.rotation_account import Account

#: Contracts that say nothing in the last windows, one in sixty; TWS waits 11 s for such a quote.
SILENT = 3
#: Goals: of the bound; and the oldest quote beside what was promised.
GOAL_RATE, GOAL_AGE = 0.95, 1.0
#: The table that shows what quotes wait for: messages, lines, and how long each takes.
QUOTES = "Quotes, medians of the windows; the oldest of all of them"
HOW = (
    "200 contracts, 20 of them active. A gateway for each setting rotates quotes of the 180 others"
    " and of underlyings that are not held; all run at the same time, each on a simulator of its"
    " own. In the measured market an option's snapshot ends after 11 to 12 s, both sides of a"
    " stream come after some 0.14 s, and the model's computation within a second; in the quick one"
    " snapshots end after 0.1 to 0.3 s. The usual way, bare ib_async in a process of its own,"
    " on an equal simulator as the first gateway, streams 20 and takes snapshots of the others in"
    " batches of as many as there are idle lines, waits for all, and takes the next batch. All"
    " leave ib_async's limit of 45 messages a second as it is; the simulators run in the"
    " benchmark's process. The floor of quotes is off (SLOTWISE_QUOTE_FLOOR_S=0), as it would hold"
    " the quick market back. The bound is the most that any mixture of snapshots (one message) and"
    " short streams (two) gives, of the kinds that were quoted: on the idle lines, by how long"
    " quotes took, and of the 45 messages, two of them kept free, what nothing else took; all from"
    " the simulator's ledger and wire log. Ways that take longer than a gateway's patience of 3 s"
    " are none. The promised age is the gateway's own; the oldest is from the ledger. In the last"
    " windows three contracts of the first setting are dead, as options without a market"
    " maker are, and are not counted."
)


class Setting(NamedTuple):
    """Hold the market's way and the lines that one gateway is measured with."""

    market: Literal["measured", "quick"]
    lines: int

    @property
    def name(self) -> str:
        """Return its name in tables."""
        return f"{self.market}, {self.lines} lines"


class Span(NamedTuple):
    """Hold when a window was by a simulator's clock, unix seconds, and what age was promised."""

    since: float
    until: float
    promised_s: float


class Window(NamedTuple):
    """Hold what a gateway did in one window; the bound is in quotes a second."""

    ours: Account
    bound: float
    promised_s: float


class Found(NamedTuple):
    """Hold all windows; the usual way and silent contracts are those of the first setting.

    The usual way comes in batches, so it is accounted for over all windows together.
    """

    ours: Mapping[Setting, Sequence[Window]]
    usual: Account
    silent: Sequence[Window]
    usual_silent: Account | None


def part_of(found: Found) -> Part:
    """Sum up what was measured."""
    first = next(iter(found.ours))
    ours = [one.ours for one in found.ours[first]]
    silent = [one.ours for one in found.silent]
    return Part(
        name="rotation",
        title="Rotation: quotes on idle lines",
        how=HOW,
        ratios=(
            *(
                Ratio(
                    name=f"quotes a second, {setting.name}", of="gateway / computed bound",
                    better="more", goal=GOAL_RATE, noise=0.05, profile=QUOTES,
                    value=ratios_of(
                        _rates([one.ours for one in windows]), [one.bound for one in windows]
                    ),
                )
                for setting, windows in found.ours.items()
            ),
            *(
                Ratio(
                    name=f"oldest quote of any contract, {setting.name}", of="reached / promised",
                    better="less", goal=GOAL_AGE, noise=0.1, profile=QUOTES,
                    value=ratios_of(
                        [one.ours.oldest_s for one in windows],
                        [one.promised_s for one in windows],
                    ),
                )
                for setting, windows in found.ours.items()
            ),
            Ratio(
                name=f"quotes a second, {first.name}, beside the usual way",
                of="gateway / usual way", better="more",
                value=ratios_of(_rates(ours), _rates([found.usual] * len(ours))),
            ),
            *(
                Ratio(
                    name=f"quotes a second, {SILENT} contracts say nothing",
                    of="gateway / usual way", better="more", noise=0.4,
                    value=ratios_of(_rates(silent), _rates([usual] * len(silent))),
                )
                for usual in (found.usual_silent,)
                if usual is not None
            ),
        ),
        tables=(_table(found),),
        plots=(
            Plot(
                name="rotation-ages", title="Quotes replaced at an age of at most", x="s",
                y="share", curves=(
                    *(
                        Curve(setting.name, _within([one.ours for one in windows]))
                        for setting, windows in found.ours.items()
                    ),
                    Curve("usual way", _within([found.usual])),
                ),
            ),
        ),
    )  # fmt: skip


def _table(found: Found) -> Table:
    rows = [(setting.name, *_ours(windows)) for setting, windows in found.ours.items()]
    rows.append((f"first, {SILENT} silent", *_ours(found.silent)))
    rows.append(("usual way, as the first", *_row([found.usual])))
    silent = [found.usual_silent] if found.usual_silent is not None else []
    rows.append((f"usual way, {SILENT} silent", *_row(silent)))
    return Table(
        QUOTES,
        (
            "", "a second", "bound", "a quote takes, s", "median age, s", "oldest, s",
            "promised, s", "rejected",
        ),
        tuple(row for row in rows if len(row) > 1),
    )  # fmt: skip


def _ours(windows: Sequence[Window]) -> tuple[str, ...]:
    if not windows:
        return ()
    return _row(
        [one.ours for one in windows],
        number(Spread.of([one.bound for one in windows]).median),
        number(Spread.of([one.promised_s for one in windows]).median),
    )


def _rates(side: Sequence[Account]) -> list[float]:
    return [one.rate for one in side]


def _ages(side: Sequence[Account]) -> list[float]:
    return sorted(age for one in side for age in one.ages_s)


def _row(side: Sequence[Account], bound: str = "", promised: str = "") -> tuple[str, ...]:
    if not side:
        return ()
    return (
        number(Spread.of(_rates(side)).median),
        bound,
        number(Spread.of([one.takes_s for one in side]).median),
        number(Spread.of(_ages(side)).median),
        number(max(one.oldest_s for one in side)),
        promised,
        str(sum(one.rejected for one in side)),
    )


def _within(side: Sequence[Account]) -> tuple[tuple[float, float], ...]:
    ages = _ages(side)
    return tuple((age, (n + 1) / len(ages)) for n, age in enumerate(ages))
