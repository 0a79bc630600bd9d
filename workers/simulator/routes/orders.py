"""Orders: the book has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workers.simulator.desks.client import Client
from workers.simulator.routes.route import Route, nothing
from workers.simulator.wire import parsing
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.wire.ids import Request as Id
from workers.simulator.wire.requests import Bare, ById
from workers.simulator.wire.system_replies import (
    completed_orders_end,
    executions_end,
    open_order_end,
)
from workers.simulator.world import World


def _order_not_found(world: World, client: Client, request: ById, now: float) -> None:
    text = f"OrderId {request.req_id} that needs to be cancelled is not found."
    client.error(request.req_id, ErrorCode.ORDER_NOT_FOUND, text, now)


def _no_orders(world: World, client: Client, request: ById, now: float) -> None:
    client.refuse(request.req_id, ErrorCode.VALIDATING, "Orders are not simulated", now)


def _ends(encoded: bytes) -> Route[Bare]:
    """Answer a list that is empty with its end."""
    return Route(parsing.bare, lambda w, c, r, now: c.send(encoded))


ORDERS: Mapping[int, Route[Any]] = {
    Id.OPEN_ORDERS: _ends(open_order_end()),
    Id.ALL_OPEN_ORDERS: _ends(open_order_end()),
    Id.COMPLETED_ORDERS: _ends(completed_orders_end()),
    Id.EXECUTIONS: Route(parsing.by_id, lambda w, c, r, now: c.send(executions_end(r.req_id)), 2),
    Id.AUTO_OPEN_ORDERS: Route(parsing.bare, nothing),
    Id.GLOBAL_CANCEL: Route(parsing.bare, nothing),
    Id.PLACE_ORDER: Route(parsing.by_id_unversioned, _no_orders, 1),
    Id.CANCEL_ORDER: Route(parsing.by_id, _order_not_found, 2),
}
