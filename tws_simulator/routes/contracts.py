"""Contracts and their bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tws_simulator.routes.linked import history, linked
from tws_simulator.routes.route import Route
from tws_simulator.wire import parsing
from tws_simulator.wire.ids import Request as Id

CONTRACTS: Mapping[int, Route[Any]] = {
    Id.CONTRACT_DETAILS: Route(
        parsing.contract_details, linked(lambda w, c, r, now: w.contracts.details(c, r, now)), 2
    ),
    Id.SEC_DEF_OPT_PARAMS: Route(
        parsing.option_params, linked(lambda w, c, r, now: w.contracts.option_chains(c, r, now)), 1
    ),
    Id.MATCHING_SYMBOLS: Route(
        parsing.symbols, linked(lambda w, c, r, now: w.contracts.symbols(c, r, now)), 1
    ),
    Id.MARKET_RULE: Route(
        parsing.number_unversioned, lambda w, c, r, now: w.contracts.market_rule(c, r.value)
    ),
    Id.SMART_COMPONENTS: Route(
        parsing.smart_components, lambda w, c, r, now: w.contracts.smart_components(c, r), 1
    ),
    Id.HISTORICAL_DATA: Route(
        parsing.history, linked(lambda w, c, r, now: w.history.request(c, r, now), history), 1
    ),
    Id.CANCEL_HISTORICAL_DATA: Route(
        parsing.by_id, lambda w, c, r, now: w.history.cancel(c, r.req_id, now), 2
    ),
}
