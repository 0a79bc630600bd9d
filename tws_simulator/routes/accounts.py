"""Positions, accounts, profit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tws_simulator.routes.route import Route, nothing
from tws_simulator.wire import parsing
from tws_simulator.wire.ids import Request as Id

ACCOUNTS: Mapping[int, Route[Any]] = {
    Id.POSITIONS: Route(parsing.bare, lambda w, c, r, now: w.positions.subscribe(c, now)),
    Id.CANCEL_POSITIONS: Route(parsing.bare, lambda w, c, r, now: w.positions.unsubscribe(c)),
    Id.POSITIONS_MULTI: Route(
        parsing.account_versioned, lambda w, c, r, now: w.positions_multi.subscribe(c, r, now), 2
    ),
    Id.CANCEL_POSITIONS_MULTI: Route(
        parsing.by_id, lambda w, c, r, now: w.positions_multi.unsubscribe(c, r.req_id), 2
    ),
    Id.ACCOUNT_UPDATES: Route(
        parsing.account_updates, lambda w, c, r, now: w.account_updates.request(c, r, now)
    ),
    Id.ACCOUNT_UPDATES_MULTI: Route(
        parsing.account_versioned, lambda w, c, r, now: w.account_queries.updates(c, r, now), 2
    ),
    Id.CANCEL_ACCOUNT_UPDATES_MULTI: Route(parsing.by_id, nothing, 2),
    Id.ACCOUNT_SUMMARY: Route(
        parsing.account_summary, lambda w, c, r, now: w.account_queries.summary(c, r, now), 2
    ),
    Id.CANCEL_ACCOUNT_SUMMARY: Route(
        parsing.by_id, lambda w, c, r, now: w.account_queries.cancel_summary(c, r.req_id), 2
    ),
    Id.PNL: Route(parsing.account, lambda w, c, r, now: w.profit.account(c, r, now), 1),
    Id.CANCEL_PNL: Route(
        parsing.by_id_unversioned, lambda w, c, r, now: w.profit.cancel(c, r.req_id), 1
    ),
    Id.PNL_SINGLE: Route(
        parsing.account_contract, lambda w, c, r, now: w.profit.single(c, r, now), 1
    ),
    Id.CANCEL_PNL_SINGLE: Route(
        parsing.by_id_unversioned, lambda w, c, r, now: w.profit.cancel(c, r.req_id), 1
    ),
}
