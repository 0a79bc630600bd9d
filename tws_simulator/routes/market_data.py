"""Market data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tws_simulator.routes.route import Route
from tws_simulator.wire import parsing
from tws_simulator.wire.ids import Request as Id

MARKET_DATA: Mapping[int, Route[Any]] = {
    Id.MKT_DATA: Route(parsing.market_data, lambda w, c, r, now: w.market_data.open(c, r, now), 2),
    Id.CANCEL_MKT_DATA: Route(
        parsing.by_id, lambda w, c, r, now: w.market_data.cancel(c, r.req_id, now), 2
    ),
    Id.MARKET_DATA_TYPE: Route(
        parsing.number, lambda w, c, r, now: w.market_data.set_type(c, r.value)
    ),
}
