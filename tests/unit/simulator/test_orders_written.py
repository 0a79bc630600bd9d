"""Our messages on orders, statuses and fills are read as written, at every version.

IB's own decoder reads field by field, by version, and none may be left; ib_async's takes apart
messages of a fixed length.
"""

from __future__ import annotations

from decimal import Decimal
from math import isclose
from typing import Any

from hypothesis import given, settings

from tests.support.any_states import states
from tests.support.effort import examples
from tests.support.order_comparison import (
    UNSET,
    by_everyone,
    like,
    or_unset,
    same_contract,
    seconds_of,
)
from tws_simulator.book.order import Order, OrderState
from tws_simulator.java_numbers import INT_MAX, UNSET_DOUBLE
from tws_simulator.wire import fill_replies, order_replies


def same_order(contract: Any, theirs: Any, ours: Order) -> None:
    """Compare what open and completed orders have in common."""
    same_contract(contract, ours.contract, ours.exchange, is_bag=bool(ours.legs), no_right="?")
    assert [
        (leg.conId, leg.ratio, leg.action, leg.exchange) for leg in contract.comboLegs or []
    ] == [(leg.contract.con_id, leg.ratio, leg.action, leg.exchange) for leg in ours.legs]
    assert all(
        (leg.openClose, leg.shortSaleSlot, leg.designatedLocation, leg.exemptCode) == (0, 0, "", -1)
        for leg in contract.comboLegs or []
    )
    assert contract.comboLegsDescrip == ",".join(
        f"{leg.contract.con_id}|{'-' if leg.action == 'SELL' else ''}{leg.ratio}"
        for leg in ours.legs
    )
    assert (theirs.permId, theirs.account, theirs.action) == (
        ours.perm_id, ours.account, ours.action,
    )  # fmt: skip
    assert (theirs.orderType, theirs.tif) == (ours.order_type, ours.tif)
    assert (theirs.lmtPrice, theirs.auxPrice) == (ours.limit_price or 0, ours.aux_price or 0)
    assert (theirs.ocaGroup, theirs.ocaType) == (ours.oca_group, ours.oca_type)
    assert (theirs.orderRef, theirs.outsideRth) == (ours.order_ref, ours.outside_rth)
    assert (theirs.goodAfterTime, theirs.goodTillDate) == (ours.good_after, ours.good_till)
    assert theirs.trailStopPrice == or_unset(ours.trail_stop_price)
    assert theirs.trailingPercent == or_unset(ours.trailing_percent)
    assert theirs.cashQty == (ours.cash_quantity or 0)
    # What is not simulated has TWS's values, each at its own place.
    assert (theirs.exemptCode, theirs.displaySize, theirs.minQty) == (-1, INT_MAX, INT_MAX)
    assert (theirs.deltaNeutralOrderType, theirs.clearingIntent) == ("None", "IB")
    assert (theirs.scaleInitLevelSize, theirs.scaleSubsLevelSize) == (INT_MAX, INT_MAX)
    assert (theirs.scalePriceIncrement, theirs.lmtPriceOffset) == (UNSET, UNSET)
    assert (theirs.dontUseAutoPriceForHedge, theirs.isOmsContainer) == (True, False)


@by_everyone
@settings(max_examples=examples(4))
@given(state=states())
def test_an_open_order(hear: Any, version: int, state: OrderState) -> None:
    ours = state.order
    order_id, contract, order, reported = hear(version, order_replies.open_order(version, state))
    same_order(contract, order, ours)
    assert (order_id, order.orderId, order.clientId) == (
        ours.order_id, ours.order_id, ours.client_id,
    )  # fmt: skip
    assert (order.totalQuantity, order.parentId) == (like(hear, ours.quantity), ours.parent_id)
    assert (order.whatIf, order.adjustedOrderType) == (ours.what_if, "None")
    assert (order.triggerPrice, order.adjustedStopPrice) == (UNSET, UNSET)
    assert reported.status == state.status
    _same_costs(reported, state)
    _same_margins(reported, state)
    if version >= 195:
        assert reported.rejectReason == (state.reason if state.status == "Inactive" else "")


def _same_costs(reported: Any, state: OrderState) -> None:
    cost = getattr(reported, "commission", None)
    if cost is None:
        cost, currency = reported.commissionAndFees, reported.commissionAndFeesCurrency
    else:
        currency = reported.commissionCurrency
    assert cost == or_unset(state.commission)
    assert currency == ("" if state.commission is None else state.order.contract.currency)


def _same_margins(reported: Any, state: OrderState) -> None:
    margin = state.margin
    for name, before, after in (
        ("initMargin", "initial_before", "initial_after"),
        ("maintMargin", "maintenance_before", "maintenance_after"),
        ("equityWithLoan", "equity_before", "equity_after"),
    ):
        heard = [getattr(reported, name + part) for part in ("Before", "Change", "After")]
        if margin is None:
            assert heard == [UNSET_DOUBLE] * 3
        else:
            first, last = getattr(margin, before), getattr(margin, after)
            for text, value in zip(heard, (first, last - first, last), strict=True):
                assert isclose(float(text), value, abs_tol=0.006)


@by_everyone
@settings(max_examples=examples(4))
@given(state=states())
def test_an_orders_status(hear: Any, version: int, state: OrderState) -> None:
    order = state.order
    assert hear(version, order_replies.order_status(version, state)) == (
        order.order_id, state.status, like(hear, state.filled), like(hear, state.remaining),
        state.avg_fill_price, order.perm_id, order.parent_id, state.last_fill_price,
        order.client_id, state.why_held, 0.0,
    )  # fmt: skip


@by_everyone
@settings(max_examples=examples(4))
@given(state=states())
def test_a_completed_order(hear: Any, version: int, state: OrderState) -> None:
    contract, order, reported = hear(version, fill_replies.completed_order(version, state))
    same_order(contract, order, state.order)
    assert order.totalQuantity == like(hear, state.remaining)
    assert order.filledQuantity == like(hear, state.filled)
    assert order.parentPermId == (state.order.parent_perm_id or 2**63 - 1)
    assert order.shareholder == "Not an insider or substantial shareholder"
    assert reported.status == state.status
    if state.done_at is None:
        assert reported.completedTime == ""
    else:
        day, clock, zone = reported.completedTime.split(" ")
        assert seconds_of(day + clock) == int(state.done_at)
        assert zone == "UTC"
    if state.status == "Filled":
        assert Decimal(reported.completedStatus.removeprefix("Filled Size: ")) == state.filled
    else:
        assert reported.completedStatus.endswith(state.reason or "Cancelled by Trader") or (
            state.status == "Inactive"
        )
