"""Replies about orders that live: how each is, and how far it got.

Field orders are those that ibapi 10.51 and ib_async 2.1 decode at server versions 157 to 200,
values of fields that are not simulated those of recorded conversations.
"""

from __future__ import annotations

from tws_simulator.book.order import Order, OrderState
from tws_simulator.java_numbers import UNSET_DOUBLE
from tws_simulator.wire import order_versions as since
from tws_simulator.wire.fields import quantity_text
from tws_simulator.wire.frames import frame
from tws_simulator.wire.ids import Reply
from tws_simulator.wire.order_parts import (
    UNSET_INT,
    amount,
    legs,
    of_order,
    or_empty,
    or_unset,
    price,
)
from tws_simulator.wire.preview import preview


def order_status(version: int, state: OrderState) -> bytes:
    """Encode how far an order got."""
    order = state.order
    return frame(
        Reply.ORDER_STATUS, order.order_id, state.status, quantity_text(state.filled),
        quantity_text(state.remaining), state.avg_fill_price, order.perm_id, order.parent_id,
        state.last_fill_price, order.client_id, state.why_held, 0.0,
    )  # fmt: skip


def open_order(version: int, state: OrderState) -> bytes:
    """Encode an order, with what it would do to the account where it is a what-if order."""
    order = state.order
    return frame(
        Reply.OPEN_ORDER, order.order_id, *of_order(order),
        *_order_fields(version, order), *_special(order),
        *legs(order), *_strategies(),
        0, int(order.what_if), state.status, *preview(version, state),
        0, 0,  # random size, random price
        0,  # conditions
        *_adjustment_fields(order), *_by_version(version),
    )  # fmt: skip


def _order_fields(version: int, order: Order) -> tuple[object, ...]:
    """Return the fields from the action to the model."""
    return (
        order.action, quantity_text(order.quantity), order.order_type,
        price(order.limit_price), price(order.aux_price), order.tif, order.oca_group,
        order.account, "", 0, order.order_ref, order.client_id, order.perm_id,
        int(order.outside_rth), 0, 0, order.good_after,
        f"{order.perm_id}.0/{order.account}/{quantity_text(order.quantity)}",
        "", "", "", *(("",) if version < since.NO_FA_PROFILE else ()), "",
    )  # fmt: skip


def _special(order: Order) -> tuple[object, ...]:
    """Return the fields from the good-till date to the basis points."""
    return (
        order.good_till, "", "", "", 0, "", -1,  # rule 80A to the exempt code
        0, "", "", "", "", "",  # auction strategy to the stock's range
        UNSET_INT, 0, 0, 0, "", order.oca_type, 0, 0, "", order.parent_id, 0,
        "", 0, "None", "", 0, "", "", "", "?", 0, 0, "", 0, 0,  # volatility, delta-neutral
        or_empty(order.trail_stop_price), or_empty(order.trailing_percent), "", "",
    )  # fmt: skip


def _strategies() -> tuple[object, ...]:
    """Return the fields from the scale to the algorithm, of which there are none."""
    return (UNSET_INT, UNSET_INT, "", "", 0, "", "IB", 0, 0, "")


def _adjustment_fields(order: Order) -> tuple[object, ...]:
    """Return the fields from the adjusted type to the price management."""
    return (
        "None", UNSET_DOUBLE, or_unset(order.trail_stop_price), UNSET_DOUBLE,
        UNSET_DOUBLE, UNSET_DOUBLE, UNSET_DOUBLE, 0,
        "", "", "",  # soft dollar tier
        amount(order.cash_quantity), 1, 0, 0, 0,
    )  # fmt: skip


#: What the end of an open order is made of, and from which version on.
_TAIL: tuple[tuple[int, tuple[object, ...]], ...] = (
    (since.DURATION, ("",)),
    (since.POST_TO_ATS, ("",)),
    (since.AUTO_CANCEL_PARENT, (0,)),
    (since.PEG_OFFSETS, ("", "", "", "", "")),
    (since.CUSTOMER_ACCOUNT, ("",)),
    (since.PROFESSIONAL_CUSTOMER, (0,)),
    (since.BOND_ACCRUED_INTEREST, ("",)),
    (since.INCLUDE_OVERNIGHT, (0,)),
    (since.CME_TAGGING_IN_OPEN_ORDER, ("", UNSET_INT)),
    (since.SUBMITTER, ("",)),
    (since.IMBALANCE_ONLY, (0,)),
)


def _by_version(version: int) -> tuple[object, ...]:
    return tuple(part for needed, parts in _TAIL if version >= needed for part in parts)
