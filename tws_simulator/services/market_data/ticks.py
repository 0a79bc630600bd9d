"""The ticks for what is seen, and for the change from one sight to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tws_simulator.market.quote import Quote
from tws_simulator.services.market_data.view import TRADES, Sight
from tws_simulator.wire.ticks import (
    PAST_LIMIT,
    Tick,
    generic_tick,
    price_tick,
    size_tick,
    string_tick,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TickTypes:
    """Number the ticks of live or of delayed data (TWS API, "tick types")."""

    bid: int
    ask: int
    last: int
    bid_size: int
    ask_size: int
    last_size: int
    high: int
    low: int
    volume: int
    close: int
    open: int
    timestamp: int
    halted: int
    bid_greeks: int
    ask_greeks: int
    last_greeks: int
    model_greeks: int
    #: In which order the first ticks come, by their names here.
    first: tuple[str, ...]


LIVE_TYPES = TickTypes(
    bid_size=0, bid=1, ask=2, ask_size=3, last=4, last_size=5, high=6, low=7, volume=8, close=9,
    bid_greeks=10, ask_greeks=11, last_greeks=12, model_greeks=13, open=14, timestamp=45,
    halted=49,
    first=("timestamp", "last", "halted", "volume", "high", "low", "close", "bid", "ask", "open"),
)  # fmt: skip
DELAYED_TYPES = TickTypes(
    bid=66, ask=67, last=68, bid_size=69, ask_size=70, last_size=71, high=72, low=73, volume=74,
    close=75, open=76, bid_greeks=80, ask_greeks=81, last_greeks=82, model_greeks=83, timestamp=88,
    halted=90,
    first=("high", "low", "volume", "close", "last", "timestamp", "open", "bid", "ask", "halted"),
)  # fmt: skip


def _bid(types: TickTypes, sight: Sight) -> Tick | None:
    quote = sight.quote
    if quote.bid is None:
        return None
    return price_tick(types.bid, quote.bid, quote.bid_size, _bid_mask(sight))


def _ask(types: TickTypes, sight: Sight) -> Tick | None:
    quote = sight.quote
    if quote.ask is None:
        return None
    return price_tick(types.ask, quote.ask, quote.ask_size, _ask_mask(sight))


def _last(types: TickTypes, sight: Sight) -> Tick:
    quote = sight.quote
    return price_tick(types.last, quote.last, None if quote.bid is None else quote.last_size)


def _volume(types: TickTypes, sight: Sight) -> Tick | None:
    return None if sight.quote.bid is None else size_tick(types.volume, sight.quote.volume)


def _halt_tick(types: TickTypes, sight: Sight) -> Tick | None:
    """Send a halt; delayed data has nothing while it trades."""
    if types is DELAYED_TYPES and sight.halted == TRADES:
        return None
    return generic_tick(types.halted, float(sight.halted))


_MAKERS: Mapping[str, Callable[[TickTypes, Sight], Tick | None]] = {
    "timestamp": lambda types, sight: string_tick(types.timestamp, str(sight.quote.last_at)),
    "last": _last,
    "halted": _halt_tick,
    "volume": _volume,
    "high": lambda types, sight: price_tick(types.high, sight.quote.high, 0),
    "low": lambda types, sight: price_tick(types.low, sight.quote.low, 0),
    "close": lambda types, sight: price_tick(types.close, sight.quote.close, 0),
    "open": lambda types, sight: price_tick(types.open, sight.quote.open, 0),
    "bid": _bid,
    "ask": _ask,
}


def _tick_of(types: TickTypes, sight: Sight, name: str) -> list[Tick]:
    """Return the tick of a name; none where it is not known."""
    tick = None if name in sight.quote.absent else _MAKERS[name](types, sight)
    return [] if tick is None else [tick]


def _is_news(name: str, old: Quote, new: Quote) -> bool:
    """Return True where something is known that was not."""
    return name in old.absent and name not in new.absent


def first_ticks(types: TickTypes, sight: Sight) -> list[Tick]:
    """Return all ticks of what is seen, in TWS's order; sizes come with their prices."""
    return [tick for name in types.first for tick in _tick_of(types, sight, name)]


def changed_ticks(types: TickTypes, before: Sight, after: Sight) -> list[Tick]:
    """Return the ticks that bring a client from one view to the next."""
    ticks: list[Tick] = []
    old, new = before.quote, after.quote
    if before.halted != after.halted:
        ticks.append(generic_tick(types.halted, float(after.halted)))
    if _is_news("timestamp", old, new) or new.last_at != old.last_at:
        ticks += _tick_of(types, after, "timestamp")
    if _is_news("last", old, new) or (new.last, new.last_size) != (old.last, old.last_size):
        ticks += _tick_of(types, after, "last")
    if _is_news("volume", old, new) or new.volume != old.volume:
        ticks += _tick_of(types, after, "volume")
    if _is_news("high", old, new) or new.high != old.high:
        ticks += _tick_of(types, after, "high")
    if _is_news("low", old, new) or new.low != old.low:
        ticks += _tick_of(types, after, "low")
    if _is_news("close", old, new) or new.close != old.close:
        ticks += _tick_of(types, after, "close")
    if _is_news("open", old, new) or new.open != old.open:
        ticks += _tick_of(types, after, "open")
    if new.bid is None:
        return ticks
    if (new.bid, new.has_bid) != (old.bid, old.has_bid) or _bid_mask(before) != _bid_mask(after):
        ticks += filter(None, (_bid(types, after),))
    elif new.bid_size != old.bid_size:
        ticks.append(size_tick(types.bid_size, new.bid_size))
    if (new.ask, new.has_ask) != (old.ask, old.has_ask) or _ask_mask(before) != _ask_mask(after):
        ticks += filter(None, (_ask(types, after),))
    elif new.ask_size != old.ask_size:
        ticks.append(size_tick(types.ask_size, new.ask_size))
    return ticks


def _bid_mask(sight: Sight) -> int:
    quote = sight.quote
    past = (
        quote.bid is not None
        and quote.has_bid
        and quote.bid < quote.low
        and "low" not in quote.absent
    )
    return sight.mask | PAST_LIMIT * past


def _ask_mask(sight: Sight) -> int:
    quote = sight.quote
    past = (
        quote.ask is not None
        and quote.has_ask
        and quote.ask > quote.high
        and "high" not in quote.absent
    )
    return sight.mask | PAST_LIMIT * past
