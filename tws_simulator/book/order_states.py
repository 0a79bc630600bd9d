"""The states of an order, and which may follow which.

| status        | means                                         | may become                      |
|---------------|-----------------------------------------------|---------------------------------|
| PreSubmitted  | held: on its way, market closed, stop not     | Submitted, PendingCancel,       |
|               | reached, parent not filled                    | Filled, Cancelled, Inactive     |
| Submitted     | at the exchange                               | PreSubmitted (market closes),   |
|               |                                               | PendingCancel, Filled, Cancelled |
| PendingCancel | asked to be cancelled                         | Cancelled                       |
| Filled, Cancelled, Inactive | done                            | nothing                         |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tws_simulator.book.order import OrderState, OrderStatus

NEXT: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    "PreSubmitted": frozenset(("Submitted", "PendingCancel", "Filled", "Cancelled", "Inactive")),
    "Submitted": frozenset(("PreSubmitted", "PendingCancel", "Filled", "Cancelled")),
    "PendingCancel": frozenset(("Cancelled",)),
    "Filled": frozenset(),
    "Cancelled": frozenset(),
    "Inactive": frozenset(),
}
#: States that nothing follows.
DONE = frozenset(status for status, following in NEXT.items() if not following)


def moved(state: OrderState, status: OrderStatus, now: float, reason: str = "") -> OrderState:
    """Return the order in another state, which must be able to follow."""
    if status not in NEXT[state.status]:
        raise ValueError(f"an order cannot become {status} after {state.status}")
    done_at = now if status in DONE else None
    return replace(state, status=status, done_at=done_at, reason=reason, why_held="")
