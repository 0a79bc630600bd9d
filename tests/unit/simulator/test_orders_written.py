"""What we say about orders, statuses and fills is heard as we meant it, at every version.

IB's own decoder reads field by field, by version, and none may be left; ib_async's takes apart
messages of a fixed length.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from math import isclose
from typing import Any

import pytest
from hypothesis import given, settings

from tests.support.any_states import executions, states
from tests.support.effort import examples
from tests.support.order_listeners import heard_by_ib_async, heard_by_official
from workers.simulator.book.order import Execution, Order, OrderState
from workers.simulator.config import MAX_SERVER_VERSION, MIN_SERVER_VERSION
from workers.simulator.instruments.contract import Contract
from workers.simulator.wire import fill_replies, order_replies
from workers.simulator.wire.fields import INT_MAX, UNSET_DOUBLE

UNSET = float(UNSET_DOUBLE)
VERSIONS = range(MIN_SERVER_VERSION, MAX_SERVER_VERSION + 1)
#: The newest version ib_async speaks.
IB_ASYNC_NEWEST = 178
HEARERS = [(heard_by_official, version) for version in VERSIONS] + [
    (heard_by_ib_async, version) for version in VERSIONS if version <= IB_ASYNC_NEWEST
]
by_everyone = pytest.mark.parametrize(
    ("hear", "version"), HEARERS, ids=[f"{hear.__name__}-{v}" for hear, v in HEARERS]
)


def same_contract(theirs: Any, ours: Contract, exchange: str, *, is_bag: bool) -> None:
    assert (theirs.symbol, theirs.exchange, theirs.currency) == (
        ours.symbol, exchange, ours.currency,
    )  # fmt: skip
    if is_bag:
        assert (theirs.secType, theirs.tradingClass, theirs.strike) == ("BAG", "COMB", 0)
        assert (theirs.lastTradeDateOrContractMonth, theirs.multiplier) == ("", "")
        assert str(theirs.conId) == theirs.localSymbol
        return
    assert (theirs.conId, theirs.secType, theirs.strike) == (
        ours.con_id, ours.sec_type, ours.strike,
    )  # fmt: skip
    assert theirs.lastTradeDateOrContractMonth == ours.expiry
    assert theirs.right == (ours.right or theirs.right)
    assert theirs.right in (ours.right, "?")
    assert (theirs.localSymbol, theirs.tradingClass) == (ours.local_symbol, ours.trading_class)
    assert theirs.multiplier == ours.multiplier_text


def same_order(contract: Any, theirs: Any, ours: Order) -> None:
    """Compare what open and completed orders have in common."""
    same_contract(contract, ours.contract, ours.exchange, is_bag=bool(ours.legs))
    assert [
        (leg.conId, leg.ratio, leg.action, leg.exchange) for leg in contract.comboLegs or []
    ] == [(leg.contract.con_id, leg.ratio, leg.action, leg.exchange) for leg in ours.legs]
    assert contract.comboLegsDescrip.count("|") == len(ours.legs)
    assert (theirs.permId, theirs.account, theirs.action) == (
        ours.perm_id, ours.account, ours.action,
    )  # fmt: skip
    assert (theirs.orderType, theirs.tif) == (ours.order_type, ours.tif)
    assert (theirs.lmtPrice, theirs.auxPrice) == (ours.limit_price or 0, ours.aux_price or 0)
    assert (theirs.ocaGroup, theirs.ocaType) == (ours.oca_group, ours.oca_type)
    assert (theirs.orderRef, theirs.outsideRth) == (ours.order_ref, ours.outside_rth)
    assert (theirs.goodAfterTime, theirs.goodTillDate) == (ours.good_after, ours.good_till)
    assert theirs.trailStopPrice == _or_unset(ours.trail_stop_price)
    assert theirs.trailingPercent == _or_unset(ours.trailing_percent)
    assert theirs.cashQty == (ours.cash_quantity or 0)
    # What is not simulated has TWS's values, each at its own place.
    assert (theirs.exemptCode, theirs.displaySize, theirs.minQty) == (-1, INT_MAX, INT_MAX)
    assert (theirs.deltaNeutralOrderType, theirs.clearingIntent) == ("None", "IB")
    assert (theirs.scaleInitLevelSize, theirs.scaleSubsLevelSize) == (INT_MAX, INT_MAX)
    assert (theirs.scalePriceIncrement, theirs.lmtPriceOffset) == (UNSET, UNSET)
    assert (theirs.dontUseAutoPriceForHedge, theirs.isOmsContainer) == (True, False)


def _or_unset(value: float | None) -> float:
    return UNSET if value is None else value


@by_everyone
@settings(max_examples=examples(10))
@given(state=states())
def test_an_open_order(hear: Any, version: int, state: OrderState) -> None:
    ours = state.order
    order_id, contract, order, told = hear(version, order_replies.open_order(version, state))
    same_order(contract, order, ours)
    assert (order_id, order.orderId, order.clientId) == (
        ours.order_id, ours.order_id, ours.client_id,
    )  # fmt: skip
    assert (order.totalQuantity, order.parentId) == (_like(hear, ours.quantity), ours.parent_id)
    assert (order.whatIf, order.adjustedOrderType) == (ours.what_if, "None")
    assert (order.triggerPrice, order.adjustedStopPrice) == (UNSET, UNSET)
    assert told.status == state.status
    _same_costs(told, state)
    _same_margins(told, state)
    if version >= 195:
        assert told.rejectReason == (state.reason if state.status == "Inactive" else "")


def _same_costs(told: Any, state: OrderState) -> None:
    cost = getattr(told, "commission", None)
    if cost is None:
        cost, currency = told.commissionAndFees, told.commissionAndFeesCurrency
    else:
        currency = told.commissionCurrency
    assert cost == _or_unset(state.commission)
    assert currency == ("" if state.commission is None else state.order.contract.currency)


def _same_margins(told: Any, state: OrderState) -> None:
    margin = state.margin
    for name, before, after in (
        ("initMargin", "initial_before", "initial_after"),
        ("maintMargin", "maintenance_before", "maintenance_after"),
        ("equityWithLoan", "equity_before", "equity_after"),
    ):
        heard = [getattr(told, name + part) for part in ("Before", "Change", "After")]
        if margin is None:
            assert heard == [UNSET_DOUBLE] * 3
        else:
            first, last = getattr(margin, before), getattr(margin, after)
            for text, value in zip(heard, (first, last - first, last), strict=True):
                assert isclose(float(text), value, abs_tol=0.006)


@by_everyone
@settings(max_examples=examples(10))
@given(state=states())
def test_an_orders_status(hear: Any, version: int, state: OrderState) -> None:
    order = state.order
    assert hear(version, order_replies.order_status(version, state)) == (
        order.order_id, state.status, _like(hear, state.filled), _like(hear, state.remaining),
        state.avg_fill_price, order.perm_id, order.parent_id, state.last_fill_price,
        order.client_id, state.why_held, 0.0,
    )  # fmt: skip


def _like(hear: Any, value: Decimal) -> Decimal | float:
    """Give a quantity as the library does."""
    return float(value) if hear is heard_by_ib_async else value


@by_everyone
@settings(max_examples=examples(10))
@given(state=states())
def test_a_completed_order(hear: Any, version: int, state: OrderState) -> None:
    contract, order, told = hear(version, fill_replies.completed_order(version, state))
    same_order(contract, order, state.order)
    assert order.totalQuantity == _like(hear, state.remaining)
    assert order.filledQuantity == _like(hear, state.filled)
    assert order.parentPermId == (state.order.parent_perm_id or 2**63 - 1)
    assert order.shareholder == "Not an insider or substantial shareholder"
    assert told.status == state.status
    if state.done_at is None:
        assert told.completedTime == ""
    else:
        day, clock, zone = told.completedTime.split(" ")
        assert _at(day + clock) == int(state.done_at)
        assert zone == "UTC"
    if state.status == "Filled":
        assert Decimal(told.completedStatus.removeprefix("Filled Size: ")) == state.filled
    else:
        assert told.completedStatus.endswith(state.reason or "Cancelled by Trader") or (
            state.status == "Inactive"
        )


def _at(text: str) -> int:
    return int(datetime.strptime(text, "%Y%m%d%H:%M:%S").replace(tzinfo=UTC).timestamp())


@by_everyone
@settings(max_examples=examples(10))
@given(fill=executions)
def test_a_fill_and_what_it_cost(hear: Any, version: int, fill: Execution) -> None:
    req_id, contract, told = hear(version, fill_replies.execution(version, 7, fill))
    assert req_id == 7
    same_contract(contract, fill.contract, fill.exchange, is_bag=fill.is_combo)
    assert (told.execId, told.orderId, told.clientId, told.permId) == (
        fill.exec_id, fill.order_id, fill.client_id, fill.perm_id,
    )  # fmt: skip
    assert (told.acctNumber, told.exchange, told.side) == (fill.account, fill.exchange, fill.side)
    assert (told.shares, told.cumQty) == (_like(hear, fill.quantity), _like(hear, fill.cumulative))
    assert (told.price, told.avgPrice) == (fill.price, fill.avg_price)
    assert (told.orderRef, told.liquidation, told.lastLiquidity) == (fill.order_ref, 0, 2)
    if hear is heard_by_ib_async:
        assert told.time.timestamp() == int(fill.at)
    else:
        assert _at(told.time.replace(" ", "").removesuffix("UTC")) == int(fill.at)
    (cost,) = hear(version, fill_replies.commission(version, fill))
    paid = cost.commission if hear is heard_by_ib_async else cost.commissionAndFees
    assert (cost.execId, paid, cost.currency) == (
        fill.exec_id, fill.commission, fill.contract.currency,
    )  # fmt: skip
    assert (cost.realizedPNL, cost.yield_) == (_or_unset(fill.realized), UNSET)


SPY = Contract(
    con_id=756733, symbol="SPY", sec_type="STK", local_symbol="SPY", trading_class="SPY",
    exchange="SMART",
)  # fmt: skip


def test_a_fill_tells_its_time_in_the_zone_it_is_given() -> None:
    fill = Execution(
        exec_id="a", order_id=1, client_id=1, perm_id=1, account="DU1", contract=SPY, side="BOT",
        quantity=Decimal(1), price=1.0, at=1_766_000_000.0, exchange="ARCA",
        cumulative=Decimal(1), avg_price=1.0, commission=1.0,
    )  # fmt: skip
    message = fill_replies.execution(178, -1, fill, "America/New_York")
    assert b"20251217 14:33:20 America/New_York" in message
    assert heard_by_ib_async(178, message)[2].time.timestamp() == fill.at
