"""What an order would cost and do to its account, as an open order carries it."""

from __future__ import annotations

from tws_simulator.book.order import Margin, OrderState
from tws_simulator.java_numbers import UNSET_DOUBLE
from tws_simulator.wire import order_versions as since
from tws_simulator.wire.order_parts import or_empty

#: Initial and maintenance margin and equity: before, the change, after.
AMOUNTS = 9


def preview(version: int, state: OrderState) -> tuple[object, ...]:
    """Return the fields from the first margin to the warning."""
    known = state.commission is not None
    return (
        *_amounts(state.margin),
        or_empty(state.commission), "", "", state.order.contract.currency if known else "",
        *(_full(state) if version >= since.FULL_ORDER_PREVIEW else ()),
        "",
    )  # fmt: skip


def _amounts(margin: Margin | None) -> tuple[object, ...]:
    if margin is None:
        return (UNSET_DOUBLE,) * AMOUNTS
    before = (margin.initial_before, margin.maintenance_before, margin.equity_before)
    after = (margin.initial_after, margin.maintenance_after, margin.equity_after)
    change = tuple(then - now for now, then in zip(before, after, strict=True))
    return tuple(f"{amount:.2f}" for amount in (*before, *change, *after))


def _full(state: OrderState) -> tuple[object, ...]:
    """Return the margin's currency, nothing for outside regular hours, the reason, no shares."""
    currency = "" if state.margin is None else state.order.contract.currency
    reason = state.reason if state.status == "Inactive" else ""
    return (currency, *("",) * AMOUNTS, "", reason, 0)
