"""Replies to market data requests, besides the ticks themselves."""

from __future__ import annotations

from workers.simulator.wire.frames import frame
from workers.simulator.wire.ids import Reply


def market_data_type(req_id: int, kind: int) -> bytes:
    """Encode which data follows: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""
    return frame(Reply.MARKET_DATA_TYPE, 1, req_id, kind)


def tick_req_params(
    req_id: int, min_tick: float, bbo_exchange: str, snapshot_permissions: int
) -> bytes:
    """Encode what is needed to read the ticks."""
    return frame(Reply.TICK_REQ_PARAMS, req_id, min_tick, bbo_exchange, snapshot_permissions)


def tick_snapshot_end(req_id: int) -> bytes:
    """Encode the end of a snapshot."""
    return frame(Reply.TICK_SNAPSHOT_END, 1, req_id)
