"""Which request does what: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from workers.simulator.desks.client import Client
from workers.simulator.desks.system import FIRST_ORDER_ID
from workers.simulator.wire import parsing
from workers.simulator.wire.fields import Fields
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.wire.ids import Request as Id
from workers.simulator.wire.requests import Bare, ById
from workers.simulator.wire.system_replies import (
    completed_orders_end,
    current_time,
    executions_end,
    managed_accounts,
    next_valid_id,
    open_order_end,
    user_info,
)
from workers.simulator.world import World

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Route(Generic[R]):
    """Hold how a request is read, what it does, and where its id stands.

    `id_at` is the index of the request id among the frame's fields, 0 where there is none; an
    error that is found before the request could be read is sent under that id.
    """

    read: Callable[[Fields], R]
    do: Callable[[World, Client, R, float], None]
    id_at: int = 0


def _nothing(world: World, client: Client, request: object, now: float) -> None:
    """Accept what has no effect here."""


def _order_not_found(world: World, client: Client, request: ById, now: float) -> None:
    text = f"OrderId {request.req_id} that needs to be cancelled is not found."
    client.error(request.req_id, ErrorCode.ORDER_NOT_FOUND, text, now)


def _no_orders(world: World, client: Client, request: ById, now: float) -> None:
    client.refuse(request.req_id, ErrorCode.VALIDATING, "Orders are not simulated", now)


def _ends(encoded: bytes) -> Route[Bare]:
    """Answer a list that is empty with its end."""
    return Route(parsing.bare, lambda w, c, r, now: c.send(encoded))


_BY_ID, _BY_BARE_ID = parsing.by_id, parsing.by_id_unversioned

ROUTES: Mapping[int, Route[Any]] = {
    # Market data.
    Id.MKT_DATA: Route(parsing.market_data, lambda w, c, r, now: w.market_data.open(c, r, now), 2),
    Id.CANCEL_MKT_DATA: Route(
        _BY_ID, lambda w, c, r, now: w.market_data.cancel(c, r.req_id, now), 2
    ),
    Id.MARKET_DATA_TYPE: Route(
        parsing.number, lambda w, c, r, now: w.market_data.set_type(c, r.value)
    ),
    # Contracts.
    Id.CONTRACT_DETAILS: Route(
        parsing.contract_details, lambda w, c, r, now: w.contracts.details(c, r, now), 2
    ),
    Id.SEC_DEF_OPT_PARAMS: Route(
        parsing.option_params, lambda w, c, r, now: w.contracts.option_chains(c, r, now), 1
    ),
    Id.MATCHING_SYMBOLS: Route(
        parsing.symbols, lambda w, c, r, now: w.contracts.symbols(c, r, now), 1
    ),
    # History.
    Id.HISTORICAL_DATA: Route(
        parsing.history, lambda w, c, r, now: w.history.request(c, r, now), 1
    ),
    Id.CANCEL_HISTORICAL_DATA: Route(
        _BY_ID, lambda w, c, r, now: w.history.cancel(c, r.req_id, now), 2
    ),
    # Positions.
    Id.POSITIONS: Route(parsing.bare, lambda w, c, r, now: w.positions.subscribe(c)),
    Id.CANCEL_POSITIONS: Route(parsing.bare, lambda w, c, r, now: w.positions.unsubscribe(c)),
    Id.POSITIONS_MULTI: Route(
        parsing.account_versioned, lambda w, c, r, now: w.account_queries.positions(c, r, now), 2
    ),
    Id.CANCEL_POSITIONS_MULTI: Route(_BY_ID, _nothing, 2),
    # Accounts.
    Id.ACCOUNT_UPDATES: Route(
        parsing.account_updates, lambda w, c, r, now: w.account_updates.request(c, r, now)
    ),
    Id.ACCOUNT_UPDATES_MULTI: Route(
        parsing.account_versioned, lambda w, c, r, now: w.account_queries.updates(c, r, now), 2
    ),
    Id.CANCEL_ACCOUNT_UPDATES_MULTI: Route(_BY_ID, _nothing, 2),
    Id.ACCOUNT_SUMMARY: Route(
        parsing.account_summary, lambda w, c, r, now: w.account_queries.summary(c, r, now), 2
    ),
    Id.CANCEL_ACCOUNT_SUMMARY: Route(
        _BY_ID, lambda w, c, r, now: w.account_queries.cancel_summary(c, r.req_id), 2
    ),
    Id.PNL: Route(parsing.account, lambda w, c, r, now: w.profit.account(c, r, now), 1),
    Id.CANCEL_PNL: Route(_BY_BARE_ID, lambda w, c, r, now: w.profit.cancel(c, r.req_id), 1),
    Id.PNL_SINGLE: Route(
        parsing.account_contract, lambda w, c, r, now: w.profit.single(c, r, now), 1
    ),
    Id.CANCEL_PNL_SINGLE: Route(_BY_BARE_ID, lambda w, c, r, now: w.profit.cancel(c, r.req_id), 1),
    # Orders: the book has none.
    Id.OPEN_ORDERS: _ends(open_order_end()),
    Id.ALL_OPEN_ORDERS: _ends(open_order_end()),
    Id.COMPLETED_ORDERS: _ends(completed_orders_end()),
    Id.EXECUTIONS: Route(_BY_ID, lambda w, c, r, now: c.send(executions_end(r.req_id)), 2),
    Id.AUTO_OPEN_ORDERS: Route(parsing.bare, _nothing),
    Id.GLOBAL_CANCEL: Route(parsing.bare, _nothing),
    Id.PLACE_ORDER: Route(_BY_BARE_ID, _no_orders, 1),
    Id.CANCEL_ORDER: Route(_BY_ID, _order_not_found, 2),
    # The session.
    Id.IDS: Route(parsing.bare, lambda w, c, r, now: c.send(next_valid_id(FIRST_ORDER_ID))),
    Id.MANAGED_ACCOUNTS: Route(
        parsing.bare, lambda w, c, r, now: c.send(managed_accounts(w.accounts.names))
    ),
    Id.CURRENT_TIME: Route(parsing.bare, lambda w, c, r, now: c.send(current_time(now))),
    Id.SERVER_LOG_LEVEL: Route(parsing.bare, _nothing),
    Id.USER_INFO: Route(_BY_BARE_ID, lambda w, c, r, now: c.send(user_info(r.req_id)), 1),
}
