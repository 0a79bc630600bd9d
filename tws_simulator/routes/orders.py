"""Orders and executions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tws_simulator.routes.route import Route
from tws_simulator.wire import order_parsing, parsing
from tws_simulator.wire.ids import Request as Id

ORDERS: Mapping[int, Route[Any]] = {
    Id.PLACE_ORDER: Route(
        order_parsing.place_order, lambda w, c, r, now: w.orders.place(c, r, now), 1
    ),
    Id.CANCEL_ORDER: Route(
        order_parsing.cancel_order, lambda w, c, r, now: w.orders.cancel(c, r.order_id, now)
    ),
    Id.GLOBAL_CANCEL: Route(
        order_parsing.global_cancel, lambda w, c, r, now: w.orders.cancel_all(now)
    ),
    Id.OPEN_ORDERS: Route(
        parsing.bare, lambda w, c, r, now: w.orders.list_open(c, everybodys=False)
    ),
    Id.ALL_OPEN_ORDERS: Route(
        parsing.bare, lambda w, c, r, now: w.orders.list_open(c, everybodys=True)
    ),
    Id.AUTO_OPEN_ORDERS: Route(
        order_parsing.auto_open_orders, lambda w, c, r, now: w.orders.bind(c, wanted=r.value != 0)
    ),
    Id.COMPLETED_ORDERS: Route(
        order_parsing.completed_orders,
        lambda w, c, r, now: w.orders.list_completed(c, now, api_only=r.api_only),
    ),
    Id.EXECUTIONS: Route(
        order_parsing.executions, lambda w, c, r, now: w.executions.answer(c, r, now), 2
    ),
}
