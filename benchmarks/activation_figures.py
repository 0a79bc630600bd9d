"""What activations took: beside idle lines and bare ib_async, and as the run goes on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from benchmarks.figures import Curve, Part, Plot, Ratio, Spread, Table, number, ratios_of

#: Lines of a simulator: few enough that quotes take every idle one.
LINES = 12
#: Parts of a run, for a spread.
GROUPS = 3
#: Goal of the 99th percentile, from the call to the wire, seconds.
GOAL_S = 0.05
#: What is timed, by the name on page and picture.
NAMES = {
    "rotation": "gateway, every line in use",
    "quick": "gateway, every line in use, quick market",
    "idle": "gateway, lines idle",
    "bare": "bare ib_async, asked through a pipe",
}
#: The table that shows where the time goes.
PHASES = "Phases of an activation, ms"
HOW = (
    "A contract is activated at three gateways as `activate_strategy` of Python does it behind the"
    " look-up at TWS: one whose every idle line takes quotes in rotation, in the market as"
    " measured; the same in the quick market, whose snapshots end after 0.1 to 0.3 s instead of 11"
    " to 12 s; and one without rotation whose lines are idle. Bare ib_async opens a free line when"
    " it is asked through a pipe, without ib_async's limit of messages. Each is timed from the call"
    " to the request in the simulator's ledger, in turn, and each of the four is first as often as"
    " the others. The call records the change in the registry's Delta table, sends it to the"
    " gateway, which follows it from memory, and waits for the disk. A line in use has to be"
    " taken back first: one cancel. Before the first the registry has {earlier} changes, each a"
    " file of its own that maintenance has not joined. The lines in use at the call are the"
    " ledger's. Where the request is on the wire before the call has returned, its last phase is"
    " below zero."
)


class Took(NamedTuple):
    """Hold how long one activation took, seconds, and how many lines were in use before it.

    `call_s` is what the call took that gave the word: the record, and the message. `cancel_s` is
    from its begin until a line was taken back, None where none was. `record_s` and `message_s` are
    those of the call that closed it again, which records and sends in the same way.
    """

    seconds: float
    in_use: int
    call_s: float = 0.0
    cancel_s: float | None = None
    record_s: float = 0.0
    message_s: float = 0.0


def part_of(took: Mapping[str, Sequence[Took]], earlier: int) -> Part:
    """Sum up seconds from the word to the wire."""
    return Part(
        name="activation",
        title="Activation: from the word to the wire",
        how=HOW.format(earlier=earlier),
        ratios=(
            *(
                Ratio(
                    name=f"99th percentile, {what}", of=f"call to wire / {GOAL_S * 1000:g} ms",
                    value=Spread.of([_share(took[key], 0.99) / GOAL_S]), better="less", goal=1.0,
                    noise=1.0, profile=PHASES,
                )
                for key, what in (
                    ("rotation", "every line in use"),
                    ("quick", "every line in use, quick market"),
                    ("idle", "lines idle"),
                )
            ),
            Ratio(
                name="median, every line in use", of="under full rotation / with idle lines",
                value=_grouped(took["rotation"], took["idle"]), better="less",
            ),
            Ratio(
                name="median, beside bare", of="under full rotation / bare ib_async",
                value=_grouped(took["rotation"], took["bare"]), better="less", noise=0.5,
            ),
        ),
        tables=(_table(took), _phases(took), _course(took)),
        plots=(
            Plot(
                name="activation", title="Activations on the wire within", x="ms", y="share",
                curves=tuple(
                    Curve(name, _within(took[key]))
                    for key, name in NAMES.items()
                ),
                log_x=True,
            ),
        ),
    )  # fmt: skip


def _table(took: Mapping[str, Sequence[Took]]) -> Table:
    return Table(
        "From the word to the wire, ms",
        ("", "median", "99th percentile", "worst", "the call, median", "activations",
         "every line in use"),
        tuple(
            (
                name,
                *(number(_share(took[key], at) * 1000) for at in (0.5, 0.99, 1.0)),
                number(median(one.call_s for one in took[key]) * 1000),
                str(len(took[key])),
                str(sum(one.in_use >= LINES for one in took[key])),
            )
            for key, name in NAMES.items()
        ),
    )  # fmt: skip


def _phases(took: Mapping[str, Sequence[Took]]) -> Table:
    """Tabulate what each phase took: the median, and the 99th percentile of each by itself."""
    rows = []
    for key in ("rotation", "quick", "idle"):
        found = took[key]
        phases = {
            "the record, up to its commit (of the close)": [one.record_s for one in found],
            "the message (of the close)": [one.message_s for one in found],
            "the whole call": [one.call_s for one in found],
            "from its begin until a line was taken back": [
                one.cancel_s for one in found if one.cancel_s is not None
            ],
            "from its end to the request": [one.seconds - one.call_s for one in found],
        }
        rows += [
            (NAMES[key], phase, *(number(_percentile(values, at) * 1000) for at in (0.5, 0.99)))
            for phase, values in phases.items()
            if values
        ]
    return Table(PHASES, ("", "phase", "median", "99th percentile"), tuple(rows))


def _course(took: Mapping[str, Sequence[Took]]) -> Table:
    return Table(
        "Medians of the run's parts, one after another, ms",
        ("", *(str(n + 1) for n in range(len(_parts(took["rotation"]))))),
        tuple(
            (name, *(number(_share(part, 0.5) * 1000) for part in _parts(took[key])))
            for key, name in NAMES.items()
        ),
    )


def _grouped(ours: Sequence[Took], beside: Sequence[Took]) -> Spread:
    """Divide medians of parts of the run."""
    return ratios_of(
        [_share(part, 0.5) for part in _parts(ours)], [_share(part, 0.5) for part in _parts(beside)]
    )


def _parts(values: Sequence[Took]) -> list[Sequence[Took]]:
    """Cut a run into parts, one after another."""
    count = min(GROUPS, len(values))
    ends = [n * len(values) // count for n in range(count + 1)]
    return [values[begin:end] for begin, end in pairwise(ends)]


def _share(values: Sequence[Took], share: float) -> float:
    return _percentile([one.seconds for one in values], share)


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _within(values: Sequence[Took]) -> tuple[tuple[float, float], ...]:
    ordered = sorted(one.seconds for one in values)
    return tuple((seconds * 1000, (n + 1) / len(ordered)) for n, seconds in enumerate(ordered))
