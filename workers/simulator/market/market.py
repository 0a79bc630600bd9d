"""Quotes of every contract: underlyings walk, options follow them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from decimal import Decimal
from math import exp, inf
from zoneinfo import ZoneInfo

from workers.simulator.instruments.catalogue import MARKET_VOL
from workers.simulator.instruments.contract import Contract
from workers.simulator.instruments.underlying import Underlying
from workers.simulator.instruments.universe import Universe
from workers.simulator.market.black_scholes import Greeks, greeks, smile, value
from workers.simulator.market.calendar import Calendar, TradingDay
from workers.simulator.market.grid import slot
from workers.simulator.market.noise import key_of, unit
from workers.simulator.market.quote import NO_PRICE, NO_SIZE, Quote
from workers.simulator.market.rounding import down, to_tick, up
from workers.simulator.market.walk import Walk

#: Seconds of a year of 365 days: options lose value on all of them.
YEAR_S = 365 * 86_400
#: US options stop trading at this time in New York.
EXPIRY_TIME = time(16, 0)
#: Index futures trade last at this time in New York: 8:30 in Chicago.
FUTURES_END = time(9, 30)
CENT = Decimal("0.01")
NEW_YORK = ZoneInfo("America/New_York")
#: IB sends a contract's changes at most this often, seconds: 250 ms stocks and others, 100 ms US
#: options (IB API documentation, "market data update frequency").
INTERVAL_S = {"STK": 0.25, "IND": 0.25, "FUT": 0.25, "OPT": 0.1}
#: Sizes are drawn anew this often, and trades happen this often, seconds.
SIZE_EVERY_S = {"STK": 2.0, "IND": 60.0, "FUT": 1.0, "OPT": 5.0}
TRADE_EVERY_S = {"STK": 0.5, "IND": 0.25, "FUT": 0.5, "OPT": 15.0}
#: Largest size shown on one side, and largest trade, in shares or contracts.
MAX_SIZE = {"STK": 2000, "IND": 1, "FUT": 120, "OPT": 400}
MAX_TRADE = {"STK": 300, "IND": 1, "FUT": 12, "OPT": 20}
#: Width between bid and ask as a share of the price.
SPREAD = {"STK": 0.00004, "FUT": 0.00001, "OPT": 0.015}
#: Share of a tick below which nobody bids for a contract; its ask is one tick then.
WORTHLESS = 0.1


class Market:
    """Price contracts of a universe; all times are unix seconds."""

    def __init__(
        self, universe: Universe, calendar: Calendar, seed: int, slowest_s: float = inf
    ) -> None:
        self.calendar = calendar
        #: Quotes change this often, seconds, by type of contract; no slower than asked for.
        self.interval_s = {kind: min(pause, slowest_s) for kind, pause in INTERVAL_S.items()}
        self._universe = universe
        self._seed = seed
        self._market_walk = Walk(MARKET_VOL, seed, "market")
        self._walks: dict[str, Walk] = {}
        self._expires_at: dict[str, float] = {}
        self._last_trades: dict[tuple[str, bool], float] = {}
        #: Last quotes of contracts that are no more.
        self._ended: dict[int, Quote] = {}
        #: Keys of sizes and trades, and the day's open, close, high and low, by contract id.
        self._keys: dict[int, int] = {}
        self._days: dict[int, tuple[TradingDay, float, float]] = {}
        self._ranges: dict[tuple[int, bool], tuple[float, float, float]] = {}
        self._last: dict[int, tuple[int, float]] = {}
        #: Grows when prices of the past become others, as after a split.
        self.revision = 0

    def spot(self, symbol: str, t: float) -> float:
        """Return the unrounded price of an underlying."""
        underlying = self._universe.underlying(symbol)
        if underlying is None:
            raise KeyError(symbol)
        return self._spot(underlying, t)

    def fair(self, contract: Contract, t: float) -> float:
        """Return the unrounded value of a contract."""
        last_at = self.last_trade_at(contract) if contract.expiry else inf
        # What has traded last is worth what it is settled at.
        spot = self.spot(contract.symbol, min(t, last_at))
        if not contract.right:
            return spot
        if t >= last_at:
            sign = 1 if contract.right == "C" else -1
            return max(sign * (spot - contract.strike), 0.0)
        years = self._years(contract, t)
        vol = self._vol(contract, spot, years)
        return value(contract.right, spot, contract.strike, years, vol)

    def last_trade_at(self, contract: Contract) -> float:
        """Tell when a contract that expires trades last, unix seconds."""
        key = (contract.expiry, contract.right != "")
        at = self._last_trades.get(key)
        if at is None:
            day = datetime.strptime(contract.expiry, "%Y%m%d")
            until = EXPIRY_TIME if contract.right else FUTURES_END
            ends_at = datetime.combine(day, until, NEW_YORK).timestamp()
            at = self.calendar.traded_at(ends_at) if contract.right else ends_at
            self._last_trades[key] = at
        return at

    def spot_price(self, contract: Contract, now: float) -> Decimal:
        """Return the price of a contract's underlying, in cents."""
        spot = self.spot(contract.symbol, self.calendar.traded_at(now))
        return Decimal(spot).quantize(CENT)

    def settlement_price(self, contract: Contract) -> Decimal:
        """Return the price of the underlying that a contract is settled at, in cents."""
        return Decimal(self.spot(contract.symbol, self.last_trade_at(contract))).quantize(CENT)

    def end(self, contract: Contract, now: float) -> None:
        """Let the quote of a contract stand as it is."""
        self._ended[contract.con_id] = self.quote(contract, now)

    def forget(self, contracts: Iterable[Contract]) -> None:
        """Look at the day of contracts anew: their prices are others now."""
        for contract in contracts:
            self._days.pop(contract.con_id, None)
            self._last.pop(contract.con_id, None)
            for delayed in (False, True):
                self._ranges.pop((contract.con_id, delayed), None)
        self.revision += 1

    def mark(self, contract: Contract, t: float) -> float:
        """Return the value of a contract on its tick."""
        return to_tick(self.fair(contract, self.calendar.traded_at(t)), contract.min_tick)

    def quote(self, contract: Contract, now: float, *, delayed: bool = False) -> Quote:
        """Return what can be seen of a contract; high and low are kept apart for delayed data."""
        ended = self._ended.get(contract.con_id)
        if ended is not None:
            return ended
        now = self.calendar.traded_at(now)
        if contract.expiry:
            now = min(now, self.last_trade_at(contract))
        kind = contract.sec_type
        interval = self.interval_s[kind]
        t = slot(now, interval) * interval
        key = self._key(contract)
        mid = self.fair(contract, t)
        bid, ask = self._sides(contract, mid)
        day = self.calendar.day(now)
        opened, close = self._open_and_close(contract, day)
        trade_every = TRADE_EVERY_S[kind]
        trade = slot(now, trade_every)
        last = self._trade(contract, key, trade)
        high, low = self._range((contract.con_id, delayed), day, opened, last)
        shown = slot(now, SIZE_EVERY_S[kind])
        trades = trade - slot(day.opened_at, trade_every) + 1
        return Quote(
            bid=bid,
            ask=ask,
            last=last,
            open=opened,
            high=high,
            low=low,
            close=close,
            bid_size=NO_SIZE if bid == NO_PRICE else 1 + int(unit(key, 2 * shown) * MAX_SIZE[kind]),
            ask_size=1 + int(unit(key, 2 * shown + 1) * MAX_SIZE[kind]),
            last_size=1 + int(unit(key + 1, trade) * MAX_TRADE[kind]),
            # Trades are half the largest on average.
            volume=trades * MAX_TRADE[kind] // 2,
            last_at=int(trade * trade_every),
            mid=mid,
            under=mid if not contract.right else self.spot(contract.symbol, t),
        )

    def trades(self, contract: Contract, now: float) -> int:
        """Count the trades of the day."""
        now = self.calendar.traded_at(now)
        every = TRADE_EVERY_S[contract.sec_type]
        return slot(now, every) - slot(self.calendar.day(now).opened_at, every) + 1

    def greeks(self, contract: Contract, price: float | None, quote: Quote, now: float) -> Greeks:
        """Return an option's greeks at a price; None asks for the model's own."""
        assert contract.right
        years = self._years(contract, self.calendar.traded_at(now))
        vol = self._vol(contract, quote.under, years)
        model = greeks(contract.right, quote.under, contract.strike, years, vol)
        if price is None:
            return model
        # One Newton step gives the volatility of a price that near the model's.
        shift = (price - model.price) / (model.vega * 100) if model.vega > 1e-4 else 0.0
        return model._replace(iv=max(0.01, vol + max(-vol / 2, min(vol, shift))), price=price)

    def _spot(self, underlying: Underlying, t: float) -> float:
        walk = self._walks.get(underlying.symbol)
        if walk is None:
            walk = Walk(underlying.own_vol, self._seed, underlying.symbol)
            self._walks[underlying.symbol] = walk
        moved = underlying.beta * self._market_walk.value(t) + walk.value(t)
        return underlying.price * exp(moved)

    def _key(self, contract: Contract) -> int:
        key = self._keys.get(contract.con_id)
        if key is None:
            key = self._keys[contract.con_id] = key_of(self._seed, "sizes", contract.con_id)
        return key

    def _years(self, contract: Contract, t: float) -> float:
        expires_at = self._expires_at.get(contract.expiry)
        if expires_at is None:
            day = datetime.strptime(contract.expiry, "%Y%m%d")
            expires_at = datetime.combine(day, EXPIRY_TIME, NEW_YORK).timestamp()
            self._expires_at[contract.expiry] = expires_at
        return (expires_at - t) / YEAR_S

    def _vol(self, contract: Contract, spot: float, years: float) -> float:
        underlying = self._universe.underlying(contract.symbol)
        assert underlying is not None
        return smile(underlying.implied_vol, spot, contract.strike, years)

    @staticmethod
    def _sides(contract: Contract, mid: float) -> tuple[float | None, float | None]:
        if contract.sec_type == "IND":
            return None, None
        tick = contract.min_tick
        half = max(tick, mid * SPREAD[contract.sec_type]) / 2
        # Somebody bids a tick for what is worth less, down to where nobody does.
        bid = max(down(mid - half, tick), tick)
        ask = max(up(mid + half, tick), to_tick(bid + tick, tick))
        return (bid, ask) if mid >= tick * WORTHLESS else (NO_PRICE, tick)

    def _trade(self, contract: Contract, key: int, number: int) -> float:
        """Return the price of the n-th trade: at the bid or at the ask of its instant."""
        known = self._last.get(contract.con_id)
        if known is not None and known[0] == number:
            return known[1]
        mid = self.fair(contract, number * TRADE_EVERY_S[contract.sec_type])
        bid, ask = self._sides(contract, mid)
        if bid is None or ask is None:
            last = to_tick(mid, contract.min_tick)
        else:
            last = bid if bid != NO_PRICE and unit(key + 2, number) < 0.5 else ask
        self._last[contract.con_id] = (number, last)
        return last

    def _open_and_close(self, contract: Contract, day: TradingDay) -> tuple[float, float]:
        known = self._days.get(contract.con_id)
        if known is None or known[0] != day:
            opened = max(
                to_tick(self.fair(contract, day.opened_at), contract.min_tick), contract.min_tick
            )
            close = max(
                to_tick(self.fair(contract, day.previous_close_at), contract.min_tick),
                contract.min_tick,
            )
            known = self._days[contract.con_id] = (day, opened, close)
        return known[1], known[2]

    def _range(
        self, seen: tuple[int, bool], day: TradingDay, opened: float, last: float
    ) -> tuple[float, float]:
        """Return the day's high and low as far as anybody looked."""
        opened_at, high, low = self._ranges.get(seen, (-inf, opened, opened))
        if opened_at != day.opened_at:
            high = low = opened
        high, low = max(high, last), min(low, last)
        self._ranges[seen] = (day.opened_at, high, low)
        return high, low
