"""Replies to market data requests, besides the ticks themselves."""

from __future__ import annotations

from tws_simulator.wire.fields import double_text
from tws_simulator.wire.frames import frame
from tws_simulator.wire.ids import Reply


def market_data_type(req_id: int, kind: int) -> bytes:
    """Encode which data follows: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""
    return frame(Reply.MARKET_DATA_TYPE, 1, req_id, kind)


def tick_req_params(
    req_id: int, min_tick: float, bbo_exchange: str, snapshot_permissions: int
) -> bytes:
    """Encode what is needed to read the ticks."""
    return frame(
        Reply.TICK_REQ_PARAMS, req_id, double_text(min_tick), bbo_exchange, snapshot_permissions
    )


def reroute_market_data(req_id: int, con_id: int, exchange: str) -> bytes:
    """Encode where a client has to ask for market data instead."""
    return frame(Reply.REROUTE_MARKET_DATA, req_id, con_id, exchange)


def tick_snapshot_end(req_id: int) -> bytes:
    """Encode the end of a snapshot."""
    return frame(Reply.TICK_SNAPSHOT_END, 1, req_id)
