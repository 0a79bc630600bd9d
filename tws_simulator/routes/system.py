"""The session itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tws_simulator.routes.route import Route, nothing
from tws_simulator.services.common.client import Client
from tws_simulator.wire import parsing
from tws_simulator.wire.ids import Request as Id
from tws_simulator.wire.system_replies import (
    current_time,
    current_time_in_millis,
    managed_accounts,
    next_valid_id,
    user_info,
)
from tws_simulator.world import World


def _send_accounts(world: World, client: Client, now: float) -> None:
    accounts = world.readiness.managed(client, now)
    if accounts is not None:
        client.send(managed_accounts(accounts))


SYSTEM: Mapping[int, Route[Any]] = {
    Id.IDS: Route(
        parsing.bare,
        lambda w, c, r, now: c.send(next_valid_id(w.order_register.next_id(c.client_id))),
    ),
    Id.MANAGED_ACCOUNTS: Route(parsing.bare, lambda w, c, r, now: _send_accounts(w, c, now)),
    Id.CURRENT_TIME: Route(parsing.bare, lambda w, c, r, now: c.send(current_time(now))),
    Id.CURRENT_TIME_IN_MILLIS: Route(
        parsing.bare, lambda w, c, r, now: c.send(current_time_in_millis(now))
    ),
    Id.SERVER_LOG_LEVEL: Route(parsing.bare, nothing),
    Id.USER_INFO: Route(
        parsing.by_id_unversioned, lambda w, c, r, now: c.send(user_info(r.req_id)), 1
    ),
}
