"""History of one contract as a page draws it: prices as points, and what changed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from slotwise import formatting
from slotwise.lake.history import Seen, changes
from slotwise.printable import printable
from slotwise.queue_item import QueueRow
from workers.web.ages import epoch_ms

#: Points of a line at most: a picture on a page has some hundred pixels.
MOST_POINTS = 400
#: Changes that are listed, the newest.
MOST_CHANGES = 100


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


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded of a contract."""

    con_id: int
    states: int
    #: Times, ms since 1970, and prices.
    points: tuple[tuple[int, float], ...]
    low: str | None
    high: str | None
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
) -> History:
    """Return the history of states, oldest first, and of queue items.

    `name` gives an account as it is shown, `mask` hides accounts in texts.
    """
    priced = [
        (at, one.price)
        for one in states
        if one.price is not None and (at := epoch_ms(one.observed_at)) is not None
    ]
    prices = [price for _, price in priced]
    shown = changes(list(states))[-MOST_CHANGES:]
    return History(
        con_id=con_id,
        states=len(states),
        points=thinned([(at, float(price)) for at, price in priced]),
        low=formatting.price(min(prices)) if prices else None,
        high=formatting.price(max(prices)) if prices else None,
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
