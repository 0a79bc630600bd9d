"""Replies about what orders executed, and about orders that are done."""

from __future__ import annotations

from tws_simulator.book.order import Execution, Order, OrderState
from tws_simulator.java_numbers import UNSET_DOUBLE
from tws_simulator.wire import order_versions as since
from tws_simulator.wire.fields import quantity_text
from tws_simulator.wire.frames import frame
from tws_simulator.wire.ids import Reply
from tws_simulator.wire.order_parts import (
    IN_FILLS,
    UNSET_INT,
    amount,
    described,
    legs,
    of_order,
    or_empty,
    or_unset,
    price,
    zoned,
)

#: TWS's "no value" of a Java long, which it sends for the parent of an order without one.
UNSET_LONG = 2**63 - 1
#: TWS's word for a fill that added liquidity, removed it, or neither is known.
REMOVED_LIQUIDITY = 2
#: What TWS writes of a customer who is neither an insider nor a large shareholder.
SHAREHOLDER = "Not an insider or substantial shareholder"


def execution(version: int, req_id: int, fill: Execution, zone: str = "UTC") -> bytes:
    """Encode a fill; `req_id` is -1 for one that was not asked for."""
    return frame(
        Reply.EXECUTION_DATA, req_id, fill.order_id,
        *described(fill.contract, fill.exchange, bag=fill.is_combo, nothing=IN_FILLS),
        fill.exec_id, zoned(fill.at, zone), fill.account, fill.exchange, fill.side,
        quantity_text(fill.quantity), fill.price, fill.perm_id, fill.client_id, 0,
        quantity_text(fill.cumulative), fill.avg_price, fill.order_ref,
        "", "", "", REMOVED_LIQUIDITY,  # economic value's rule and multiplier, model
        *((0,) if version >= since.PENDING_PRICE_REVISION else ()),
        *(("",) if version >= since.SUBMITTER else ()),
    )  # fmt: skip


def commission(version: int, fill: Execution) -> bytes:
    """Encode what a fill cost, and what it realized."""
    return frame(
        Reply.COMMISSION_REPORT, 1, fill.exec_id, fill.commission, fill.contract.currency,
        or_unset(fill.realized), UNSET_DOUBLE, "",
    )  # fmt: skip


def completed_order(version: int, state: OrderState, zone: str = "UTC") -> bytes:
    """Encode an order that is done.

    As TWS does, its quantity is what was left: 0 for a filled one, whose shares are in
    `filledQuantity`.
    """
    order = state.order
    return frame(
        Reply.COMPLETED_ORDER, *of_order(order), *_order_fields(version, state), *_special(order),
        *legs(order),
        UNSET_INT, UNSET_INT, "", "", "", "IB", 0, 0, "",  # the scale to the algorithm
        0, state.status, 0, 0,  # solicited, random size, random price
        0,  # conditions
        or_unset(order.trail_stop_price), UNSET_DOUBLE, amount(order.cash_quantity), 1, 0, "",
        quantity_text(state.filled), UNSET_INT, 0, SHAREHOLDER, 0, 0,
        order.parent_perm_id or UNSET_LONG,
        "" if state.done_at is None else zoned(state.done_at, zone), _outcome(state),
        *(("", "", "", "", "") if version >= since.PEG_OFFSETS else ()),
        *(("",) if version >= since.CUSTOMER_ACCOUNT else ()),
        *((0,) if version >= since.PROFESSIONAL_CUSTOMER else ()),
        *(("",) if version >= since.SUBMITTER else ()),
    )  # fmt: skip


def _order_fields(version: int, state: OrderState) -> tuple[object, ...]:
    """Return the fields from the action to the good-till date."""
    order = state.order
    return (
        order.action, quantity_text(state.remaining), order.order_type,
        price(order.limit_price), price(order.aux_price), order.tif, order.oca_group,
        order.account, "", 0, order.order_ref, order.perm_id, int(order.outside_rth), 0, 0,
        order.good_after, "", "", "", *(("",) if version < since.NO_FA_PROFILE else ()), "",
        order.good_till,
    )  # fmt: skip


def _special(order: Order) -> tuple[object, ...]:
    """Return the fields from rule 80A to the trailing per cent."""
    return (
        "", "", "", 0, "", -1,  # rule 80A to the exempt code
        "", "", "", "", "",  # starting price to the stock's range
        UNSET_INT, 0, 0, "", order.oca_type, 0,
        "", 0, "None", "", 0, 0, 0, "", 0, 0,  # volatility, delta-neutral
        or_empty(order.trail_stop_price), or_empty(order.trailing_percent),
    )  # fmt: skip


def _outcome(state: OrderState) -> str:
    """Return the words for how an order ended."""
    if state.status == "Filled":
        return f"Filled Size: {quantity_text(state.filled)}"
    if state.status == "Inactive":
        return f"Rejected by System: {state.reason}"
    return state.reason or "Cancelled by Trader"
