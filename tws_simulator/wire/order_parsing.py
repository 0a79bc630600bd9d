"""From a frame's fields to a request about orders. Each parser starts after the message id.

Field orders are those of ib_async 2.1, ib_insync 0.9 and ibapi 10.51 at server versions 157 to
200. Fields that mean nothing here are read all the same: one missed shifts all that follow.
"""

from __future__ import annotations

from tws_simulator.java_numbers import INT_MAX
from tws_simulator.wire import order_blocks as blocks
from tws_simulator.wire import order_versions as since
from tws_simulator.wire.fields import Fields
from tws_simulator.wire.order_requests import (
    CancelOrder,
    CompletedOrdersRequest,
    ExecutionsRequest,
    PlaceOrder,
)
from tws_simulator.wire.parsing import contract
from tws_simulator.wire.requests import Bare, Number


def place_order(fields: Fields) -> PlaceOrder:
    """Read 3, which has no version."""
    order_id, query = fields.integer(), contract(fields)
    fields.skip(2)  # the security id's type, and the security id
    action, quantity, order_type = fields.text(), fields.decimal(), fields.text()
    limit_price, aux_price = fields.optional(), fields.optional()
    tif, oca_group, account = fields.text(), fields.text(), fields.text()
    fields.skip(2)  # open or close, origin
    order_ref, transmit, parent_id = fields.text(), fields.flag(), fields.integer(empty=0)
    fields.skip(4)  # block order, sweep to fill, display size, trigger method
    outside_rth = fields.flag()
    fields.skip()  # hidden
    legs = blocks.legs(fields) if query.sec_type == "BAG" else ()
    fields.skip(2)  # shares allocation, discretionary amount
    good_after, good_till = fields.text(), fields.text()
    blocks.skip_advisor_and_short_sale(fields)
    oca_type = fields.integer(empty=0)
    blocks.skip_auction_and_volatility(fields)
    trail_stop_price, trailing_percent = fields.optional(), fields.optional()
    blocks.skip_scale_hedge_and_clearing(fields)
    algo = blocks.algo(fields)
    what_if = fields.flag()
    fields.skip(4)  # miscellaneous options, solicited, randomize size, randomize price
    blocks.skip_benchmark(fields, order_type)
    conditions = blocks.conditions(fields)
    blocks.skip_adjusted(fields)
    cash_quantity = fields.optional()
    blocks.skip_by_version(fields, query.exchange, order_type)
    return PlaceOrder(
        order_id=order_id,
        contract=query,
        action=action,
        quantity=quantity,
        order_type=order_type,
        legs=legs,
        limit_price=limit_price,
        aux_price=aux_price,
        tif=tif,
        oca_group=oca_group,
        oca_type=oca_type,
        account=account,
        order_ref=order_ref,
        transmit=transmit,
        parent_id=parent_id,
        outside_rth=outside_rth,
        what_if=what_if,
        good_after=good_after,
        good_till=good_till,
        trail_stop_price=trail_stop_price,
        trailing_percent=trailing_percent,
        algo=algo,
        conditions=conditions,
        cash_quantity=cash_quantity,
    )


def cancel_order(fields: Fields) -> CancelOrder:
    """Read 4: a version up to 191, the order's id, and the exchange's fields."""
    if fields.version < since.CME_TAGGING:
        fields.skip()
    order_id = fields.integer()
    if fields.version >= since.MANUAL_ORDER_TIME:
        fields.skip()
    if since.RFQ_FIELDS <= fields.version < since.NO_RFQ_FIELDS:
        fields.skip(3)
    if fields.version >= since.CME_TAGGING:
        fields.skip(2)  # operator, manual order indicator
    return CancelOrder(order_id)


def global_cancel(fields: Fields) -> Bare:
    """Read 58: a version up to 191, then the exchange's fields."""
    fields.skip(2 if fields.version >= since.CME_TAGGING else 1)
    return Bare()


def executions(fields: Fields) -> ExecutionsRequest:
    """Read 7, version 3; from 200 on it can name days."""
    fields.skip()
    req_id, client_id = fields.integer(), fields.integer(empty=0)
    account, time, symbol, sec_type, exchange, side = (fields.text() for _ in range(6))
    last_days: int | None = None
    dates: tuple[str, ...] = ()
    if fields.version >= since.DAYS_OF_EXECUTIONS:
        days = fields.integer(empty=INT_MAX)
        last_days = None if days == INT_MAX else days
        dates = tuple(fields.text() for _ in range(fields.count()))
    return ExecutionsRequest(
        req_id=req_id,
        client_id=client_id,
        account=account,
        since=time,
        symbol=symbol,
        sec_type=sec_type,
        exchange=exchange,
        side=side,
        last_days=last_days,
        dates=dates,
    )


def completed_orders(fields: Fields) -> CompletedOrdersRequest:
    """Read 99: whether to leave out what was typed into TWS."""
    return CompletedOrdersRequest(fields.flag())


def auto_open_orders(fields: Fields) -> Number:
    """Read 15: a version, and whether to bind what is typed into TWS."""
    fields.skip()
    return Number(int(fields.flag()))
