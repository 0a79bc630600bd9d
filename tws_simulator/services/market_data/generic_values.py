"""What the ticks that are asked for by number say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from tws_simulator.instruments.contract import Contract
from tws_simulator.market.paces import PACES
from tws_simulator.market.statistics import WEEKS_DAYS, Statistics
from tws_simulator.services.market_data.view import TRADES, Sight
from tws_simulator.wire.ticks import (
    CAN_AUTO_EXECUTE,
    Tick,
    generic_tick,
    price_tick,
    size_tick,
    string_tick,
)

#: Prices, sizes and texts by tick type; the rest are plain numbers (TWS API, "tick types").
PRICES = frozenset((15, 16, 17, 18, 19, 20, 35, 37, 57))
SIZES = frozenset((21, 27, 28, 29, 30, 34, 36, 61, 86, 87, 89))
TEXTS = frozenset((48, 59, 77))
#: Number of "shortable": 1,000 shares and more, or to be located first (IB documentation).
EASY, TO_LOCATE = 3.0, 2.0
EASY_SHARES = 1000
#: Share of a day's average volume that the opening auction trades.
AUCTION_SHARE = 0.01
MINUTE_S, MS_PER_S = 60, 1000
#: A stock's dividends: of the past and the next year, date and amount of the next. It pays none.
NO_DIVIDENDS = ",,,"

Value: TypeAlias = float | int | str


class Asked(NamedTuple):
    """Hold what values are made from; `at` is the time that is seen, unix seconds."""

    contract: Contract
    sight: Sight
    at: float
    statistics: Statistics


Maker: TypeAlias = Callable[[Asked], Iterator[tuple[int, Value]]]


def encode(kind: int, value: Value) -> Tick:
    """Encode a value as the message that its tick type comes in."""
    if kind in PRICES:
        return price_tick(kind, float(value), 0)
    if kind in SIZES:
        return size_tick(kind, int(value))
    if kind in TEXTS:
        return string_tick(kind, str(value))
    return generic_tick(kind, float(value))


def _option_volume(asked: Asked) -> Iterator[tuple[int, Value]]:
    """Return an option's volume, or that of all calls and puts on a stock or index."""
    contract, volumes = asked.contract, asked.statistics
    for right, kind in (("C", 29), ("P", 30)):
        if contract.right:
            yield kind, volumes.volume(contract, asked.at) if contract.right == right else 0
        elif contract.sec_type != "FUT":
            yield kind, volumes.options_volume(contract.symbol, right, asked.at)


def _open_interest(asked: Asked) -> Iterator[tuple[int, Value]]:
    """Return an option's open interest, or that of all calls and puts on a stock or index."""
    contract, counts = asked.contract, asked.statistics
    for right, kind in (("C", 27), ("P", 28)):
        if contract.right:
            yield kind, counts.open_interest(contract, asked.at) if contract.right == right else 0
        elif contract.sec_type != "FUT":
            yield kind, counts.options_open_interest(contract.symbol, right, asked.at)


def _futures_open_interest(asked: Asked) -> Iterator[tuple[int, Value]]:
    if asked.contract.sec_type == "FUT":
        yield 86, asked.statistics.open_interest(asked.contract, asked.at)


def _historical_volatility(asked: Asked) -> Iterator[tuple[int, Value]]:
    if not asked.contract.right:
        yield 23, round(asked.statistics.volatility(asked.contract, asked.at), 6)


def _average_option_volume(asked: Asked) -> Iterator[tuple[int, Value]]:
    if asked.contract.sec_type in ("STK", "IND"):
        yield 87, asked.statistics.options_average_volume(asked.contract.symbol, asked.at)


def _implied_volatility(asked: Asked) -> Iterator[tuple[int, Value]]:
    if asked.contract.sec_type in ("STK", "IND"):
        implied = asked.statistics.implied_volatility(asked.contract.symbol, asked.at)
        if implied is not None:
            yield 24, round(implied, 6)


def _misc_stats(asked: Asked) -> Iterator[tuple[int, Value]]:
    if asked.contract.right:
        return
    for kind, weeks in zip((15, 17, 19), WEEKS_DAYS, strict=True):
        low, high = asked.statistics.low_and_high(asked.contract, weeks, asked.at)
        yield kind, low
        yield kind + 1, high
    if asked.contract.sec_type != "IND":
        yield 21, asked.statistics.average_volume(asked.contract, asked.at)


def _mark_price(asked: Asked) -> Iterator[tuple[int, Value]]:
    yield 37, asked.statistics.mark(asked.contract, asked.sight.quote.mid)


def _auction(asked: Asked) -> Iterator[tuple[int, Value]]:
    """Send the opening auction, which is over while it trades: nothing is left to match."""
    if asked.contract.sec_type == "STK":
        average = asked.statistics.average_volume(asked.contract, asked.at)
        yield 34, int(average * AUCTION_SHARE)
        yield 35, asked.sight.quote.open
        yield 36, 0
        yield 61, 0


def _trades_text(asked: Asked) -> str:
    """Write the last trade: price, size, time (ms), the day's volume and average, alone or not."""
    quote = asked.sight.quote
    average = round((quote.open + quote.high + quote.low + quote.last) / 4, 8)
    at_ms = quote.last_at * MS_PER_S
    return f"{quote.last};{quote.last_size};{at_ms};{quote.volume};{average};true"


def _has_traded(asked: Asked) -> bool:
    quote = asked.sight.quote
    return quote.bid is not None and "last" not in quote.absent


def _rt_volume(asked: Asked) -> Iterator[tuple[int, Value]]:
    if _has_traded(asked):
        yield 48, _trades_text(asked)


def _rt_trade_volume(asked: Asked) -> Iterator[tuple[int, Value]]:
    if _has_traded(asked):
        yield 77, _trades_text(asked)


def _shortable(asked: Asked) -> Iterator[tuple[int, Value]]:
    if asked.contract.sec_type == "STK":
        shares = asked.statistics.shortable(asked.contract, asked.at)
        yield 46, EASY if shares >= EASY_SHARES else TO_LOCATE
        yield 89, shares


def _trade_count(asked: Asked) -> Iterator[tuple[int, Value]]:
    yield 54, float(asked.statistics.trades(asked.contract, asked.at))


def _trade_rate(asked: Asked) -> Iterator[tuple[int, Value]]:
    yield 55, _rate(asked)


def _volume_rate(asked: Asked) -> Iterator[tuple[int, Value]]:
    yield 56, _rate(asked) * PACES[asked.contract.sec_type].max_trade / 2


def _rate(asked: Asked) -> float:
    """Count trades a minute; none while it is closed or halted."""
    if asked.sight.halted != TRADES or not asked.sight.mask & CAN_AUTO_EXECUTE:
        return 0.0
    return MINUTE_S / PACES[asked.contract.sec_type].trade_every_s


def _last_regular_trade(asked: Asked) -> Iterator[tuple[int, Value]]:
    if "last" not in asked.sight.quote.absent:
        yield 57, asked.sight.quote.last


def _realtime_volatility(asked: Asked) -> Iterator[tuple[int, Value]]:
    if not asked.contract.right:
        yield 58, round(asked.statistics.volatility(asked.contract, asked.at), 6)


def _dividends(asked: Asked) -> Iterator[tuple[int, Value]]:
    if asked.contract.sec_type == "STK":
        yield 59, NO_DIVIDENDS


#: By the number asked for; those that are legal and missing here give nothing.
MAKERS: Mapping[int, Maker] = {
    100: _option_volume,
    101: _open_interest,
    104: _historical_volatility,
    105: _average_option_volume,
    106: _implied_volatility,
    165: _misc_stats,
    221: _mark_price,
    225: _auction,
    232: _mark_price,
    233: _rt_volume,
    236: _shortable,
    293: _trade_count,
    294: _trade_rate,
    295: _volume_rate,
    318: _last_regular_trade,
    375: _rt_trade_volume,
    411: _realtime_volatility,
    456: _dividends,
    588: _futures_open_interest,
}
