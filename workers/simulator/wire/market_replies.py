"""Replies to market data requests."""

from __future__ import annotations

from workers.simulator.market.black_scholes import Greeks
from workers.simulator.wire.frames import frame
from workers.simulator.wire.ids import Reply

#: Bit of a price's mask: an order at this price would execute by itself.
CAN_AUTO_EXECUTE = 1
#: Attribute of an option computation: based on prices, not on returns.
PRICE_BASED = 1
#: Decimals of greeks: finer changes are not worth a message.
GREEK_DECIMALS = 6


def market_data_type(req_id: int, kind: int) -> bytes:
    """Encode which data follows: 1 live, 2 frozen."""
    return frame(Reply.MARKET_DATA_TYPE, 1, req_id, kind)


def tick_req_params(
    req_id: int, min_tick: float, bbo_exchange: str, snapshot_permissions: int
) -> bytes:
    """Encode what is needed to read the ticks."""
    return frame(Reply.TICK_REQ_PARAMS, req_id, min_tick, bbo_exchange, snapshot_permissions)


def tick_price(req_id: int, kind: int, price: float, size: int | None, mask: int = 0) -> bytes:
    """Encode a price with its size; an index has none."""
    return frame(1, 6, req_id, kind, price, "" if size is None else size, mask)


def tick_size(req_id: int, kind: int, size: int) -> bytes:
    """Encode a size."""
    return frame(2, 6, req_id, kind, size)


def tick_generic(req_id: int, kind: int, value: float) -> bytes:
    """Encode a number that is neither price nor size."""
    return frame(Reply.TICK_GENERIC, 6, req_id, kind, value)


def tick_string(req_id: int, kind: int, value: str) -> bytes:
    """Encode a text, such as the time of the last trade."""
    return frame(Reply.TICK_STRING, 6, req_id, kind, value)


def tick_option(req_id: int, kind: int, g: Greeks) -> bytes:
    """Encode an option computation: volatility, price and greeks. No dividends are simulated."""
    d = GREEK_DECIMALS
    return frame(
        21, req_id, kind, PRICE_BASED,
        round(g.iv, d), round(g.delta, d), round(g.price, d), 0.0,
        round(g.gamma, d), round(g.vega, d), round(g.theta, d), round(g.under, 2),
    )  # fmt: skip


def tick_snapshot_end(req_id: int) -> bytes:
    """Encode the end of a snapshot."""
    return frame(Reply.TICK_SNAPSHOT_END, 1, req_id)
