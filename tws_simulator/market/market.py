"""Quotes of every contract: underlyings walk, options follow them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from decimal import Decimal
from math import exp, inf
from zoneinfo import ZoneInfo

from tws_simulator.instruments.catalogue import MARKET_VOL
from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.underlying import Underlying
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.black_scholes import Greeks, greeks, smile, value
from tws_simulator.market.calendar import Calendar, TradingDay
from tws_simulator.market.fixed import FixedQuote
from tws_simulator.market.grid import slot
from tws_simulator.market.noise import key_of, unit
from tws_simulator.market.paces import PACES
from tws_simulator.market.quote import NO_SIZE, Quote
from tws_simulator.market.rounding import FINEST, down, to_tick, up
from tws_simulator.market.walk import Walk

#: Seconds of a year of 365 days: options lose value on all of them.
YEAR_S = 365 * 86_400
#: US options stop trading at this time in New York.
EXPIRY_TIME = time(16, 0)
#: Index futures trade last at this time in New York: 8:30 in Chicago.
FUTURES_END = time(9, 30)
CENT, FINE = Decimal("0.01"), Decimal("1E-10")
NEW_YORK = ZoneInfo("America/New_York")
#: Stands for the bid of a contract without a bid.
NOBODY = -inf
#: Share of a tick below which a contract has no bid; its ask is one tick then.
WORTHLESS = 0.1


class Market:
    """Price contracts of a universe; all times are unix seconds."""

    def __init__(
        self, universe: Universe, calendar: Calendar, seed: int, slowest_s: float = inf
    ) -> None:
        self.calendar = calendar
        #: Quotes change this often, seconds, by type of contract; no slower than asked for.
        pauses = ((kind, pace.interval_s) for kind, pace in PACES.items())
        self.interval_s = {kind: min(pause, slowest_s) for kind, pause in pauses}
        self._universe = universe
        self._seed = seed
        self._market_walk = Walk(MARKET_VOL, seed, "market")
        self._walks: dict[str, Walk] = {}
        self._expires_at: dict[str, float] = {}
        self._last_trades: dict[tuple[str, bool], float] = {}
        #: Quotes that were given, by contract id.
        self._fixed: dict[int, FixedQuote] = {}
        #: Last quotes of contracts that are no more.
        self._ended: dict[int, Quote] = {}
        #: Keys of sizes and trades, and the day's open, close, high and low, by contract id.
        self._keys: dict[int, int] = {}
        self._days: dict[int, tuple[TradingDay, float, float]] = {}
        self._ranges: dict[tuple[int, bool], tuple[float, float, float]] = {}
        self._last: dict[int, tuple[int, float]] = {}
        #: Grows when prices of the past become others, as after a split.
        self.revision = 0

    def spot(self, name: str, t: float) -> float:
        """Return the unrounded price of an underlying."""
        underlying = self._universe.underlying(name)
        if underlying is None:
            raise KeyError(name)
        return self._spot(underlying, t)

    def fix(self, con_id: int, quote: FixedQuote | None) -> None:
        """Set a contract's quotes from now on; None restores the market's own."""
        self._fixed.pop(con_id, None)
        if quote is not None:
            self._fixed[con_id] = quote

    def fair(self, contract: Contract, t: float) -> float:
        """Return the unrounded value of a contract."""
        fixed = self._fixed.get(contract.con_id)
        given = None if fixed is None else fixed.mark
        return self._walk(contract, t) if given is None else given

    def price(self, contract: Contract, t: float) -> float:
        """Return the value of a contract on its tick."""
        return self.on_tick(contract, self.fair(contract, t))

    def on_tick(self, contract: Contract, price: float) -> float:
        """Return a price on a contract's tick: at least one, unless a quote is given."""
        rounded = to_tick(price, contract.min_tick)
        return rounded if contract.con_id in self._fixed else max(rounded, contract.min_tick)

    def _walk(self, contract: Contract, t: float) -> float:
        """Return the unrounded value of a contract as its underlying walks."""
        last_at = self.last_trade_at(contract) if contract.expiry else inf
        # After its last trade a contract has its settlement price.
        spot = self.spot(contract.moved_by, min(t, last_at))
        if not contract.right:
            return spot
        if t >= last_at:
            sign = 1 if contract.right == "C" else -1
            return max(sign * (spot - contract.strike), 0.0)
        years = self._years(contract, t)
        vol = self._vol(contract, spot, years)
        return value(contract.right, spot, contract.strike, years, vol)

    def last_trade_at(self, contract: Contract) -> float:
        """Return when a contract that expires trades last, unix seconds."""
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
        """Return the price of a contract's underlying, in cents or finer."""
        return self._settlement(contract, self.calendar.traded_at(now))

    def settlement_price(self, contract: Contract) -> Decimal:
        """Return the price of the underlying that a contract is settled at, in cents or finer."""
        return self._settlement(contract, self.last_trade_at(contract))

    def _settlement(self, contract: Contract, t: float) -> Decimal:
        spot = self.spot(contract.moved_by, t) if contract.right else self.fair(contract, t)
        return Decimal(spot).quantize(CENT if contract.min_tick >= FINEST else FINE)

    def end(self, contract: Contract, now: float) -> None:
        """Freeze the quote of a contract."""
        self._ended[contract.con_id] = self.quote(contract, now)

    def forget(self, contracts: Iterable[Contract]) -> None:
        """Compute the day of contracts again: their prices have changed."""
        for contract in contracts:
            self._days.pop(contract.con_id, None)
            self._last.pop(contract.con_id, None)
            for delayed in (False, True):
                self._ranges.pop((contract.con_id, delayed), None)
        self.revision += 1

    def mark(self, contract: Contract, t: float) -> float:
        """Return the value of a contract on its tick.

        While it trades, not outside of bid and ask of its price at `t`: ours, see the README.
        """
        t = self.calendar.traded_at(t)
        fair = self.fair(contract, t)
        price = to_tick(fair, contract.min_tick)
        is_over = contract.expiry and t >= self.last_trade_at(contract)
        if is_over or contract.con_id in self._fixed:
            return price
        bid, ask = self._sides(contract, fair)
        return price if bid is None or ask is None else min(max(price, bid), ask)

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
        mid = self._walk(contract, t)
        bid, ask = self._sides(contract, mid)
        day = self.calendar.day(now)
        opened, close = self._open_and_close(contract, day)
        pace = PACES[kind]
        trade_every = pace.trade_every_s
        trade = slot(now, trade_every)
        last = self._trade(contract, key, trade)
        high, low = self._range((contract.con_id, delayed), day, opened, last)
        shown = slot(now, pace.size_every_s)
        trades = trade - slot(day.opened_at, trade_every) + 1
        walked = Quote(
            bid=contract.no_quote if bid is NOBODY else bid,
            ask=ask,
            last=last,
            open=opened,
            high=high,
            low=low,
            close=close,
            bid_size=NO_SIZE if bid is NOBODY else 1 + int(unit(key, 2 * shown) * pace.max_size),
            ask_size=1 + int(unit(key, 2 * shown + 1) * pace.max_size),
            last_size=1 + int(unit(key + 1, trade) * pace.max_trade),
            # Trades are half the largest on average.
            volume=trades * pace.max_trade // 2,
            last_at=int(trade * trade_every),
            mid=mid,
            under=mid if not contract.right else self.spot(contract.moved_by, t),
        )
        fixed = self._fixed.get(contract.con_id)
        return walked if fixed is None else fixed.over(walked, contract.no_quote)

    def close(self, contract: Contract, now: float) -> float:
        """Return the previous close of a contract."""
        at = self.calendar.traded_at(now)
        if contract.expiry:
            at = min(at, self.last_trade_at(contract))
        return self._open_and_close(contract, self.calendar.day(at))[1]

    def trades(self, contract: Contract, now: float) -> int:
        """Count the trades of the day."""
        now = self.calendar.traded_at(now)
        every = PACES[contract.sec_type].trade_every_s
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
        underlying = self._universe.underlying(contract.moved_by)
        assert underlying is not None
        return smile(underlying.implied_vol, spot, contract.strike, years)

    @staticmethod
    def _sides(contract: Contract, mid: float) -> tuple[float | None, float | None]:
        if contract.sec_type == "IND":
            return None, None
        tick = contract.min_tick
        half = max(tick, mid * PACES[contract.sec_type].spread) / 2
        # A lower price has a bid of one tick, down to where there is none.
        bid = max(down(mid - half, tick), tick)
        ask = max(up(mid + half, tick), to_tick(bid + tick, tick))
        return (bid, ask) if mid >= tick * WORTHLESS else (NOBODY, tick)

    def _trade(self, contract: Contract, key: int, number: int) -> float:
        """Return the price of the n-th trade: at the bid or at the ask of its instant."""
        known = self._last.get(contract.con_id)
        if known is not None and known[0] == number:
            return known[1]
        mid = self._walk(contract, number * PACES[contract.sec_type].trade_every_s)
        bid, ask = self._sides(contract, mid)
        if bid is None or ask is None:
            last = to_tick(mid, contract.min_tick)
        else:
            last = bid if bid is not NOBODY and unit(key + 2, number) < 0.5 else ask
        self._last[contract.con_id] = (number, last)
        return last

    def _open_and_close(self, contract: Contract, day: TradingDay) -> tuple[float, float]:
        known = self._days.get(contract.con_id)
        if known is None or known[0] != day:
            tick = contract.min_tick
            opened, close = (
                max(to_tick(self._walk(contract, at), tick), tick)
                for at in (day.opened_at, day.previous_close_at)
            )
            known = self._days[contract.con_id] = (day, opened, close)
        return known[1], known[2]

    def _range(
        self, seen: tuple[int, bool], day: TradingDay, opened: float, last: float
    ) -> tuple[float, float]:
        """Return the day's high and low as far as it was asked for."""
        opened_at, high, low = self._ranges.get(seen, (-inf, opened, opened))
        if opened_at != day.opened_at:
            high = low = opened
        high, low = max(high, last), min(low, last)
        self._ranges[seen] = (day.opened_at, high, low)
        return high, low
