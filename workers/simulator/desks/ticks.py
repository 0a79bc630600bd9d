"""Which ticks tell of a quote, and of the change from one quote to the next."""

from __future__ import annotations

from collections.abc import Iterator

from workers.simulator.instruments.contract import SecType
from workers.simulator.market.quote import Quote
from workers.simulator.wire.market_replies import (
    CAN_AUTO_EXECUTE,
    tick_generic,
    tick_price,
    tick_size,
    tick_string,
)

#: Numbers of ticks (TWS API, "tick types").
BID_SIZE, BID, ASK, ASK_SIZE, LAST, LAST_SIZE = 0, 1, 2, 3, 4, 5
HIGH, LOW, VOLUME, CLOSE, OPEN = 6, 7, 8, 9, 14
LAST_TIMESTAMP, HALTED = 45, 49
BID_GREEKS, ASK_GREEKS, LAST_GREEKS, MODEL_GREEKS = 10, 11, 12, 13
#: Value of "halted" while it trades.
NOT_HALTED = 0
#: What TWS sends as a price that does not exist, and its size.
NO_PRICE, NO_SIZE = -1.0, 0


def first_ticks(req_id: int, quote: Quote, kind: SecType, *, is_open: bool) -> Iterator[bytes]:
    """Give all ticks of a quote, in TWS's order; sizes come with their prices."""
    is_index = kind == "IND"
    yield tick_string(req_id, LAST_TIMESTAMP, str(quote.last_at))
    yield tick_price(req_id, LAST, quote.last, None if is_index else quote.last_size)
    yield tick_generic(req_id, HALTED, NOT_HALTED)
    if not is_index:
        yield tick_size(req_id, VOLUME, quote.volume)
    yield tick_price(req_id, HIGH, quote.high, 0)
    yield tick_price(req_id, LOW, quote.low, 0)
    yield tick_price(req_id, CLOSE, quote.close, 0)
    if quote.bid is not None and quote.ask is not None:
        if is_open:
            yield tick_price(req_id, BID, quote.bid, quote.bid_size, CAN_AUTO_EXECUTE)
            yield tick_price(req_id, ASK, quote.ask, quote.ask_size, CAN_AUTO_EXECUTE)
        else:
            yield tick_price(req_id, BID, NO_PRICE, NO_SIZE)
            yield tick_price(req_id, ASK, NO_PRICE, NO_SIZE)
    yield tick_price(req_id, OPEN, quote.open, 0)


def changed_ticks(req_id: int, old: Quote, new: Quote, kind: SecType) -> Iterator[bytes]:
    """Give the ticks that a client needs to get from one quote to the next."""
    if new.last_at != old.last_at and (new.last, new.last_size) != (old.last, old.last_size):
        yield tick_string(req_id, LAST_TIMESTAMP, str(new.last_at))
        if kind == "IND":
            yield tick_price(req_id, LAST, new.last, None)
        else:
            yield tick_price(req_id, LAST, new.last, new.last_size)
            yield tick_size(req_id, VOLUME, new.volume)
    if new.high != old.high:
        yield tick_price(req_id, HIGH, new.high, 0)
    if new.low != old.low:
        yield tick_price(req_id, LOW, new.low, 0)
    if new.close != old.close:
        yield tick_price(req_id, CLOSE, new.close, 0)
    if new.open != old.open:
        yield tick_price(req_id, OPEN, new.open, 0)
    if new.bid is not None and new.bid != old.bid:
        yield tick_price(req_id, BID, new.bid, new.bid_size, CAN_AUTO_EXECUTE)
    elif new.bid is not None and new.bid_size != old.bid_size:
        yield tick_size(req_id, BID_SIZE, new.bid_size)
    if new.ask is not None and new.ask != old.ask:
        yield tick_price(req_id, ASK, new.ask, new.ask_size, CAN_AUTO_EXECUTE)
    elif new.ask is not None and new.ask_size != old.ask_size:
        yield tick_size(req_id, ASK_SIZE, new.ask_size)
