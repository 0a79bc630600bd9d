"""What exchanges and IB count about a contract over days, from the same walk as its quotes."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import log, sqrt
from statistics import pstdev
from typing import NamedTuple

from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.black_scholes import smile
from tws_simulator.market.grid import slot
from tws_simulator.market.market import Market
from tws_simulator.market.noise import key_of, unit
from tws_simulator.market.paces import PACES

#: Trading days in 13, 26 and 52 weeks, and in a year.
WEEKS_DAYS = {13: 65, 26: 130, 52: 252}
YEAR_DAYS = 252
#: Days whose closes make the historical volatility, and whose volume makes the average.
VOLATILITY_DAYS, VOLUME_DAYS = 30, 90
#: Days to expiry of the option whose volatility stands for its underlying's, in years.
IMPLIED_YEARS = 30 / 365
#: Most contracts that are open in one option and in a future; it moves by this much within a day.
MAX_OPEN = {"OPT": 20_000, "FOP": 20_000, "WAR": 20_000, "IOPT": 20_000, "FUT": 2_000_000}
OPEN_MOVES = 0.2
#: Most shares that can be borrowed, and how often that is counted again, seconds.
MAX_SHORTABLE, SHORTABLE_EVERY_S = 5_000_000, 900.0
#: Results that are kept; each is good for a day.
KEEP = 4096


class Session(NamedTuple):
    """Hold a day that is over, unix seconds."""

    opened_at: float
    closed_at: float


class _Options(tuple[Contract, ...]):
    """Hold options; compared by identity, as a list of thousands is asked about at each trade."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


class Statistics:
    """Count over days and over all options of an underlying; times are unix seconds."""

    def __init__(self, market: Market, universe: Universe) -> None:
        self._market = market
        self._universe = universe
        self._past = lru_cache(maxsize=4)(self._sessions)
        self._closes = lru_cache(maxsize=KEEP)(self._closes_before)
        self._open = lru_cache(maxsize=KEEP)(self._open_interest)
        self._all_open = lru_cache(maxsize=KEEP)(self._sum_of_open)
        self._known: dict[tuple[str, str], tuple[int, _Options]] = {}
        self._revision = market.revision

    def volatility(self, contract: Contract, now: float) -> float:
        """Return the volatility of the last thirty closes, per year."""
        closes = self._closes(contract, self._today(now), VOLATILITY_DAYS)
        return pstdev(log(b / a) for a, b in pairwise(closes)) * sqrt(YEAR_DAYS)

    def implied_volatility(self, symbol: str, now: float) -> float | None:
        """Return the volatility of options near the money; None without options."""
        underlying = self._universe.underlying(symbol)
        if underlying is None or not underlying.strike_step:
            return None
        spot = self._market.spot(symbol, self._market.calendar.traded_at(now))
        step = underlying.strike_step
        strike = max(round(spot / step), 1) * step
        return smile(underlying.implied_vol, spot, strike, IMPLIED_YEARS)

    def low_and_high(self, contract: Contract, weeks: int, now: float) -> tuple[float, float]:
        """Return the lowest and the highest price of so many weeks, today's included."""
        quote = self._market.quote(contract, now)
        closes = self._closes(contract, self._today(now), WEEKS_DAYS[weeks])
        return min(quote.low, *closes), max(quote.high, *closes)

    def average_volume(self, contract: Contract, now: float) -> int:
        """Return the volume of a day, on average."""
        pace = PACES[contract.sec_type]
        every, most = pace.trade_every_s, pace.max_trade
        days = self._past(self._today(now), VOLUME_DAYS)
        trades = sum(int((day.closed_at - day.opened_at) / every) for day in days)
        return trades * most // 2 // len(days)

    def mark(self, contract: Contract, price: float) -> float:
        """Return a price on a contract's tick."""
        return self._market.on_tick(contract, price)

    def trades(self, contract: Contract, now: float) -> int:
        """Count the trades of the day."""
        return self._market.trades(contract, now)

    def volume(self, contract: Contract, now: float) -> int:
        """Return the volume of the day."""
        return self._market.trades(contract, now) * PACES[contract.sec_type].max_trade // 2

    def open_interest(self, contract: Contract, now: float) -> int:
        """Return how many contracts are open, as counted before the day."""
        return self._open(contract, self._today(now))

    def options_volume(self, symbol: str, right: str, now: float) -> int:
        """Return the volume of the day in all calls or puts on a symbol."""
        options = self._options_of(symbol, right)
        # All options trade as often as any.
        return len(options) * self.volume(options[0], now) if options else 0

    def options_average_volume(self, symbol: str, now: float) -> int:
        """Return the volume of a day in all options on a symbol, on average."""
        options = (*self._options_of(symbol, "C"), *self._options_of(symbol, "P"))
        return len(options) * self.average_volume(options[0], now) if options else 0

    def options_open_interest(self, symbol: str, right: str, now: float) -> int:
        """Return how many calls or puts on a symbol are open."""
        return self._all_open(self._options_of(symbol, right), self._today(now))

    def shortable(self, contract: Contract, now: float) -> int:
        """Return how many shares can be borrowed, in hundreds."""
        number = slot(now, SHORTABLE_EVERY_S)
        return int(unit(key_of("shortable", contract.con_id), number) * MAX_SHORTABLE) // 100 * 100

    def _options_of(self, symbol: str, right: str) -> _Options:
        self._renew()
        listed = self._universe.of_symbol(symbol)
        known = self._known.get((symbol, right))
        if known is None or known[0] != len(listed):
            options = _Options(
                contract
                for contract in listed
                if contract.right == right and contract.sec_type == "OPT"
            )
            known = self._known[symbol, right] = (len(listed), options)
        return known[1]

    def _today(self, now: float) -> float:
        self._renew()
        return self._market.calendar.day(now).opened_at

    def _sessions(self, today: float, count: int) -> tuple[Session, ...]:
        """List the days before the one that opened at `today`, the newest first."""
        days = []
        day = self._market.calendar.day(today)
        for _ in range(count):
            closed_at = day.previous_close_at
            day = self._market.calendar.day(closed_at)
            days.append(Session(day.opened_at, closed_at))
        return tuple(days)

    def _closes_before(self, contract: Contract, today: float, count: int) -> tuple[float, ...]:
        days = self._past(today, count)
        return tuple(self._market.price(contract, day.closed_at) for day in days)

    def _sum_of_open(self, options: _Options, today: float) -> int:
        return sum(self._open_interest(option, today) for option in options)

    def _open_interest(self, contract: Contract, today: float) -> int:
        key = key_of("open interest", contract.con_id)
        moved = 1 + OPEN_MOVES * (unit(key, slot(today, 3600)) - 0.5)
        return int(unit(key, 0) * moved * MAX_OPEN[contract.sec_type])

    def _renew(self) -> None:
        """Drop everything when prices of the past have changed."""
        if self._revision != self._market.revision:
            self._revision = self._market.revision
            self._known.clear()
            for kept in (self._past, self._closes, self._open, self._all_open):
                kept.cache_clear()
