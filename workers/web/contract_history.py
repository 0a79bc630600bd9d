"""History of one contract as a page draws it: prices with bands and fills, gaps, changes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

import msgspec

from slotwise import formatting
from slotwise.lake.history import Seen, changes
from slotwise.lake.price_history import Priced
from slotwise.printable import printable
from slotwise.queue_item import QueueRow
from slotwise.reconciliation.evidence import Execution
from slotwise.report.history_plot import history_plot
from slotwise.rules.data_gaps import DataGap
from workers.web.ages import epoch_ms

#: Points of a line at most: a picture on a page has some hundred pixels.
MOST_POINTS = 400
#: Changes that are listed, the newest.
MOST_CHANGES = 100
#: Times in which it was not seen that are listed, the newest.
MOST_GAPS = 100

T = TypeVar("T")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A state that differs from the one before: when it was observed, and when it was known."""

    account: str
    quantity: str
    avg_cost: str | None
    source: str
    strategy: str
    observed_at: int | None
    landed_at: int | None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A queue item: when it was queued, and what became of it."""

    account: str
    state: str
    attempt: int
    inserted_at: int | None
    ended_at: int | None
    error: str


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which it was wanted and not seen; `end` is None while it goes on."""

    begin: int
    end: int | None
    #: False where it may have been seen.
    known: bool
    event: str
    reason: str


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded of a contract."""

    con_id: int
    states: int
    #: Times, ms since 1970, and prices.
    points: tuple[tuple[int, float], ...]
    low: str | None
    high: str | None
    #: Times, and the lower and upper edge of the band of marks.
    band: tuple[tuple[int, float, float], ...]
    #: Times, quantities, prices, and whether it is inferred without an execution; newest first.
    fills: tuple[tuple[int, float, float | None, bool], ...]
    #: The newest first.
    gaps: tuple[Gap, ...]
    #: The newest first.
    changes: tuple[Change, ...]
    #: The newest first.
    items: tuple[Item, ...]


def history_of(
    con_id: int,
    states: Sequence[Seen],
    items: Sequence[QueueRow],
    name: Callable[[str], str],
    mask: Callable[[str], str],
    *,
    prices: Sequence[Priced] = (),
    gaps: Sequence[DataGap] = (),
    executions: Sequence[Execution] = (),
) -> History:
    """Return the history of states, prices and gaps, oldest first, and of queue items.

    `name` gives an account as it is shown, `mask` hides accounts in texts.
    """
    plot = history_plot("", states, prices, "UTC", executions)
    values = [value for _, value in plot.price] if plot else []
    shown = changes(list(states))[-MOST_CHANGES:]
    return History(
        con_id=con_id,
        states=len(states),
        points=thinned([(epoch_ms(at), value) for at, value in plot.price] if plot else []),
        low=_price(min(values)) if values else None,
        high=_price(max(values)) if values else None,
        band=spread([(epoch_ms(at), low, high) for at, low, high in plot.band] if plot else []),
        fills=tuple(
            (epoch_ms(one.at), one.quantity, one.price, one.is_inferred)
            for one in (reversed(plot.fills[-MOST_CHANGES:]) if plot else ())
        ),
        gaps=tuple(
            Gap(
                begin=epoch_ms(one.begin),
                end=epoch_ms(one.end),
                known=one.known,
                event=one.event.replace("_", " "),
                reason=printable(mask(one.reason)),
            )
            for one in reversed(gaps[-MOST_GAPS:])
        ),
        changes=tuple(
            Change(
                account=printable(name(one.account)),
                quantity=formatting.quantity(one.quantity),
                avg_cost=None if one.avg_cost is None else formatting.price(one.avg_cost),
                source=one.source,
                strategy=printable(one.strategy or ""),
                observed_at=epoch_ms(one.observed_at),
                landed_at=epoch_ms(one.landed_at),
            )
            for one in reversed(shown)
        ),
        items=tuple(
            Item(
                account=printable(name(one.account)),
                state=one.state,
                attempt=one.attempt,
                inserted_at=epoch_ms(one.inserted_at),
                ended_at=epoch_ms(one.ended_at),
                error=printable(mask(one.error or "")),
            )
            for one in items
        ),
    )


def spread(points: Sequence[T]) -> tuple[T, ...]:
    """Return points of which no more are than a picture shows, evenly left out; the last stays."""
    step = -(-len(points) // MOST_POINTS) or 1
    return tuple(points[::-1][::step][::-1])


def _price(value: float) -> str:
    return formatting.price(Decimal(repr(value)))


def thinned(points: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Return points that draw the same line: of each stretch the lowest and the highest."""
    if len(points) <= MOST_POINTS:
        return tuple(points)
    size = -(-len(points) * 2 // MOST_POINTS)
    kept: list[tuple[int, float]] = []
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        low = min(stretch, key=lambda point: point[1])
        high = max(stretch, key=lambda point: point[1])
        kept += sorted({low, high})
    return tuple(kept)
