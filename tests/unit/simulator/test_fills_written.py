"""Our messages on fills and their cost are read as written, at every server version."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings

from tests.support.any_states import executions
from tests.support.effort import examples
from tests.support.order_comparison import (
    UNSET,
    by_everyone,
    like,
    or_unset,
    same_contract,
    seconds_of,
)
from tests.support.order_listeners import read_by_ib_async
from tws_simulator.book.order import Execution
from tws_simulator.instruments.contract import Contract
from tws_simulator.wire import fill_replies


@by_everyone
@settings(max_examples=examples(6))
@given(fill=executions)
def test_a_fill_and_what_it_cost(hear: Any, version: int, fill: Execution) -> None:
    req_id, contract, reported = hear(version, fill_replies.execution(version, 7, fill))
    assert req_id == 7
    same_contract(contract, fill.contract, fill.exchange, is_bag=fill.is_combo, no_right="")
    assert (reported.execId, reported.orderId, reported.clientId, reported.permId) == (
        fill.exec_id, fill.order_id, fill.client_id, fill.perm_id,
    )  # fmt: skip
    assert (reported.acctNumber, reported.exchange, reported.side) == (
        fill.account,
        fill.exchange,
        fill.side,
    )
    assert (reported.shares, reported.cumQty) == (
        like(hear, fill.quantity),
        like(hear, fill.cumulative),
    )
    assert (reported.price, reported.avgPrice) == (fill.price, fill.avg_price)
    assert (reported.orderRef, reported.liquidation, reported.lastLiquidity) == (
        fill.order_ref,
        0,
        2,
    )
    if hear is read_by_ib_async:
        assert reported.time.timestamp() == int(fill.at)
    else:
        assert seconds_of(reported.time.replace(" ", "").removesuffix("UTC")) == int(fill.at)
    (cost,) = hear(version, fill_replies.commission(version, fill))
    paid = cost.commission if hear is read_by_ib_async else cost.commissionAndFees
    assert (cost.execId, paid, cost.currency) == (
        fill.exec_id, fill.commission, fill.contract.currency,
    )  # fmt: skip
    assert (cost.realizedPNL, cost.yield_) == (or_unset(fill.realized), UNSET)


SPY = Contract(
    con_id=756733, symbol="SPY", sec_type="STK", local_symbol="SPY", trading_class="SPY",
    exchange="SMART",
)  # fmt: skip


def test_a_fill_has_its_time_in_the_zone_it_is_given() -> None:
    fill = Execution(
        exec_id="a", order_id=1, client_id=1, perm_id=1, account="DU1", contract=SPY, side="BOT",
        quantity=Decimal(1), price=1.0, at=1_766_000_000.0, exchange="ARCA",
        cumulative=Decimal(1), avg_price=1.0, commission=1.0,
    )  # fmt: skip
    message = fill_replies.execution(178, -1, fill, "America/New_York")
    assert b"20251217 14:33:20 America/New_York" in message
    assert read_by_ib_async(178, message)[2].time.timestamp() == fill.at
