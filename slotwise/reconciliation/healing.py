"""Mending: the broker's state as a new observation, where the book will not learn it by itself.

Nothing is edited and nothing is traded. What is on its way already lands without help; of an
account that the login does not know, or a snapshot that is doubted, the broker has said nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

import msgspec

from slotwise.contract import PositionKey
from slotwise.position import Position
from slotwise.reconciliation.report import Report

#: The book takes what was observed last, so a mended row is newer by this at least; its number is
#: that of the newest observation, of which rows count in the order of their time.
NEWER = timedelta(microseconds=1)


def mended(
    report: Report,
    book: Iterable[Position],
    broker: Iterable[Position],
) -> tuple[Position, ...]:
    """Return the positions that are to land for the breaks of a report."""
    ours: Mapping[PositionKey, Position] = {position.key: position for position in book}
    theirs: Mapping[PositionKey, Position] = {position.key: position for position in broker}
    if report.status != "broken":
        return ()
    return tuple(
        _observation(ours.get(one.key), theirs.get(one.key), report)
        for one in report.breaks
        if one.kind != "account_unknown" and not one.under_way
    )


def _observation(book: Position | None, broker: Position | None, report: Report) -> Position:
    side = broker or book
    assert side is not None, "a break has at least one side"
    at = side.observed_at if broker is not None else report.completed_at
    if book is not None:
        at = max(at, book.observed_at + NEWER)
    quantity, cost = (Decimal(0), Decimal(0)) if broker is None else (side.quantity, side.avg_cost)
    numbers = [one.sequence for one in (book, broker) if one and one.sequence is not None]
    return msgspec.structs.replace(
        side,
        quantity=quantity,
        avg_cost=cost,
        observed_at=at,
        sequence=max(numbers, default=None),
    )
