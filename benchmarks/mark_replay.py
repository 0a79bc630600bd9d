"""Replay of a day: each option is quoted once a period, and marked every minute in between.

The marks see what a gateway would see: the underlying every minute, and of each option its quotes
with greeks, computed from their own middle. What the marks are compared with, the market of every
minute, they never see. Beside them stands the last quote, kept.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from benchmarks.market_days import Day, Market, Option
from slotwise.rules.marks.black76 import quote_greeks
from slotwise.rules.marks.book import MarkBook
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.observation import Observation

#: Seconds after a minute's prices at which the quotes of that minute come: marks of the minute do
#: not see them.
LATER_S = 0.001
#: Holdings of the book whose error is compared.
HOLDINGS = 300
#: Contract id of the underlying; options follow.
UNDERLYING = 1
MINUTES_OF_A_YEAR = 365.0 * 1440.0


class Test(NamedTuple):
    """One mark beside the market of its minute, both as prices."""

    option: int
    minute: int
    miss: float
    band: float
    half_spread: float
    kept_miss: float
    kept_half_spread: float


class Scores(NamedTuple):
    """What the tests of one day say; errors in half-spreads, widths are half of a band's."""

    tests: int
    error: float
    kept_error: float
    inside: float
    covered: float
    width: float
    fixed_width: float
    book_ratio: float
    marked: float
    stickiness: float


def replay(day: Day, period: int, seed: int) -> tuple[list[Test], float, float]:
    """Return the tests of a day, the share of its markets that had a mark, and the stickiness."""
    book = MarkBook()
    book.want(_instrument(number, option) for number, option in enumerate(day.options))
    random_phase = random.Random(seed)
    phases = [random_phase.randrange(period) for _ in day.options]
    quoted: dict[int, Market] = {}
    tests: list[Test] = []
    markets = 0
    minutes = sorted(set(day.underlying).union(*(option.markets for option in day.options)))
    spot = None
    for minute in minutes:
        at_s = minute * 60.0
        seen = day.underlying.get(minute)
        if seen is not None:
            spot, half = seen
            book.observe(_of_underlying(at_s, spot, half))
        marks = {mark.con_id: mark for mark in book.marks(at_s)}
        for number, option in enumerate(day.options):
            market = option.markets.get(minute)
            if market is None:
                continue
            mark, last = marks[_con_id(number)], quoted.get(number)
            if last is not None:
                markets += 1
                if mark.value is not None and mark.band is not None:
                    tests.append(_test(number, minute, market, last, mark.value, mark.band))
            if (minute + phases[number]) % period == 0:
                quoted[number] = market
                quote = _quote(number, option, market, minute, spot)
                if seen is None:
                    # A price of minutes ago is none that comes with a quote of now.
                    quote = msgspec.structs.replace(quote, underlying_price=None)
                book.observe(quote)
    return tests, len(tests) / max(markets, 1), book.stickiness(UNDERLYING)


def _test(
    number: int, minute: int, market: Market, last: Market, value: float, band: float
) -> Test:
    middle = (market.bid + market.ask) / 2.0
    return Test(
        option=number,
        minute=minute,
        miss=middle - value,
        band=band,
        half_spread=(market.ask - market.bid) / 2.0,
        kept_miss=middle - (last.bid + last.ask) / 2.0,
        kept_half_spread=(last.ask - last.bid) / 2.0,
    )


def scores(day: Day, period: int, seeds: Sequence[int]) -> Scores:
    """Replay a day with several phases of the quotes and sum up."""
    tests: list[Test] = []
    ratios, marked, stickiness = [], [], 0.0
    for seed in seeds:
        found, share, stickiness = replay(day, period, seed)
        tests += found
        marked.append(share)
        ratios.append(_book_ratio(found, seed))
    spread = [test for test in tests if test.half_spread > 0.0]
    return Scores(
        tests=len(tests),
        error=statistics.fmean(abs(test.miss) / test.half_spread for test in spread),
        kept_error=statistics.fmean(abs(test.kept_miss) / test.half_spread for test in spread),
        inside=statistics.fmean(abs(test.miss) <= test.half_spread for test in spread),
        covered=statistics.fmean(abs(test.miss) <= test.band for test in tests),
        width=statistics.median(test.band for test in tests),
        fixed_width=_fixed_width(tests),
        book_ratio=statistics.median(ratios),
        marked=statistics.fmean(marked),
        stickiness=stickiness,
    )


def _fixed_width(tests: Sequence[Test]) -> float:
    """Return the median width of the best fixed band that holds 95 of 100, tuned in hindsight.

    Two are tried: one width for all, and one multiple of the last half-spread.
    """
    one = _quantile([abs(test.miss) for test in tests])
    spread = [test for test in tests if test.kept_half_spread > 0.0]
    if len(spread) < len(tests):
        return one
    factor = _quantile([abs(test.miss) / test.kept_half_spread for test in tests])
    return min(one, factor * statistics.median(test.kept_half_spread for test in tests))


def _quantile(values: Sequence[float]) -> float:
    return sorted(values)[min(int(0.95 * len(values)), len(values) - 1)]


def _book_ratio(tests: Sequence[Test], seed: int) -> float:
    """Return how many times the error of a book is less by marks than by keeping the last quote.

    The book holds options drawn at random, bought or sold, one to ten of each. An option without a
    market in a minute counts for neither side.
    """
    draw = random.Random(seed + 1000)
    options = sorted({test.option for test in tests})
    held: dict[int, int] = dict.fromkeys(options, 0)
    for _ in range(HOLDINGS):
        held[draw.choice(options)] += draw.choice((-1, 1)) * draw.randint(1, 10)
    by_mark: dict[int, float] = {}
    by_last: dict[int, float] = {}
    for test in tests:
        by_mark[test.minute] = by_mark.get(test.minute, 0.0) + held[test.option] * test.miss
        by_last[test.minute] = by_last.get(test.minute, 0.0) + held[test.option] * test.kept_miss
    ours = sum(abs(miss) for miss in by_mark.values())
    return sum(abs(miss) for miss in by_last.values()) / max(ours, 1e-12)


def _con_id(number: int) -> int:
    return UNDERLYING + 1 + number


def _instrument(number: int, option: Option) -> Instrument:
    return Instrument(
        con_id=_con_id(number),
        underlying=UNDERLYING,
        strike=option.strike,
        call=option.call,
        expires_at_s=option.expires * 60.0,
    )


def _of_underlying(at_s: float, price: float, half_spread: float | None) -> Observation:
    if half_spread is None:
        return Observation(con_id=UNDERLYING, at_s=at_s, origin="stream", last=price)
    bid, ask = price - half_spread, price + half_spread
    return Observation(con_id=UNDERLYING, at_s=at_s, origin="stream", bid=bid, ask=ask)


def _quote(
    number: int, option: Option, market: Market, minute: int, spot: float | None
) -> Observation:
    years = (option.expires - minute) / MINUTES_OF_A_YEAR
    greeks = None
    if spot is not None and years > 0.0:
        greeks = quote_greeks(market.bid, market.ask, spot, option.strike, years, call=option.call)
    return Observation(
        con_id=_con_id(number),
        at_s=minute * 60.0 + LATER_S,
        origin="quote",
        bid=market.bid,
        ask=market.ask,
        greeks=greeks,
        underlying_price=spot,
    )
