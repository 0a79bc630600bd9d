"""Trades: whether executions explain a difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from slotwise.contract import PositionKey
from slotwise.precision import stored_quantity
from slotwise.reconciliation.difference import NOTHING, Difference
from slotwise.reconciliation.evidence import Execution
from slotwise.reconciliation.report import Cause

#: The clock of TWS, which dates executions, and ours may differ by this much.
CLOCKS_DIFFER = timedelta(seconds=60)
#: Most executions that are named; the count gives their full number.
NAMED = 5

Explained = tuple[Cause, str]


def by_holding(executions: Iterable[Execution]) -> dict[PositionKey, list[Execution]]:
    """Sort executions to their holdings, the newest first."""
    sorted_: dict[PositionKey, list[Execution]] = defaultdict(list)
    for one in sorted(executions, key=lambda e: (e.at, e.exec_id), reverse=True):
        sorted_[one.account, one.con_id].append(one)
    return dict(sorted_)


def since_book(difference: Difference, executions: Sequence[Execution]) -> list[Execution]:
    """Return those that the book cannot have: they came after its observation."""
    if difference.book is None:
        return list(executions)
    from_ = difference.book.observed_at - CLOCKS_DIFFER
    return [one for one in executions if one.at >= from_]


def explained_by_trades(
    difference: Difference, executions: Mapping[PositionKey, Sequence[Execution]]
) -> Explained | None:
    """Explain a difference by the newest executions that sum up to it; None where none do."""
    total, taken = NOTHING, []
    for one in since_book(difference, executions.get(difference.key, ())):
        total += one.quantity
        taken.append(one)
        if stored_quantity(total) == difference.change:
            by_hand = all(e.is_by_hand for e in taken)
            return "manual_trade" if by_hand else "fill", execution_words(taken)
    return None


def execution_words(executions: Sequence[Execution]) -> str:
    """Describe executions in words."""
    words = [
        f"execution {e.exec_id}: {signed(e.quantity)} at {plain(e.price)}, {e.at:%Y-%m-%d %H:%M:%S}"
        f" UTC, {'by hand' if e.is_by_hand else f'order {e.order_id} of client {e.client_id}'}"
        for e in executions[:NAMED]
    ]
    more = len(executions) - NAMED
    return "; ".join(words) + (f"; and {more} more" if more > 0 else "")


def signed(number: Decimal) -> str:
    """Write a change: +5, -100."""
    return f"{number.normalize():+f}"


def plain(number: Decimal) -> str:
    """Write a number without an exponent or zeros at its end."""
    return f"{number.normalize():f}"
