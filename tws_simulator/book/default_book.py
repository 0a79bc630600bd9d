"""A plausible options book of any size, the same for a seed and a day.

Iron condors first and most, single options between them, stocks, one index future, and one holding
of each other kind. Condors come whole: four legs of one underlying and expiry. A larger book has
more of the same, then more expiries and more underlyings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import cycle, islice, product
from math import ceil
from random import Random
from typing import Literal

from tws_simulator.book.default_kinds import other_kinds
from tws_simulator.book.entry import read_entry
from tws_simulator.book.listed import list_entry
from tws_simulator.book.position import Position
from tws_simulator.book.rates import Rates
from tws_simulator.book.reader import Reader
from tws_simulator.book.strike_ladders import Shelf
from tws_simulator.errors import UsageError
from tws_simulator.instruments.catalogue import CATALOGUE, CORE, FUTURE, STOCKS
from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.expiries import future_expiry, option_expiries
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.market import Market

#: The account that holds the book.
ACCOUNT = "DU1234567"
#: Largest book, positions.
MAX_POSITIONS = 50_000
#: What is bought in which order, again and again; the future, stocks and others end after a while.
PATTERN = (
    "condor", "condor", "single", "stock", "condor", "future", "single", "condor", "condor",
    "single", "stock", "other", "other",
)  # fmt: skip
CONDOR_LEGS = 4
#: Options that a shelf gives before another one is opened.
SHELF_FILL = 24
#: Fewest shelves, so that a small book has several underlyings and expiries too.
MIN_SHELVES = 12
#: Most shares of a stock, hundreds; contracts of a single option; condors; futures.
MAX_LOTS, MAX_SINGLES, MAX_CONDORS, MAX_FUTURES = 20, 20, 10, 3
#: The price paid lies between these shares of the value.
PAID_FROM, PAID_TO = 0.7, 1.35


def catalogue_universe(today: date, spot_ids: Mapping[tuple[str, str], int]) -> Universe:
    """Return what exists without being held: the catalogue and the future.

    `spot_ids` gives types and symbols other contract ids than the catalogue's.
    """
    listed = (replace(u, con_id=spot_ids.get((u.sec_type, u.symbol), u.con_id)) for u in CATALOGUE)
    universe = Universe((*listed, FUTURE))
    universe.future(FUTURE.symbol, future_expiry(today))
    return universe


def default_book(
    universe: Universe, market: Market, today: date, count: int, seed: int
) -> tuple[Position, ...]:
    """Return a book of `count` positions; their contracts are listed in the universe."""
    if not 0 <= count <= MAX_POSITIONS:
        raise UsageError(f"--positions {count} is not between 0 and {MAX_POSITIONS}")
    builder = _Builder(universe, market, today, count, Random(f"book {seed}"))
    return tuple(builder.positions())


class _Builder:
    def __init__(
        self,
        universe: Universe,
        market: Market,
        today: date,
        count: int,
        random: Random,
    ) -> None:
        self._universe = universe
        self._market = market
        # The book of a day does not depend on when in the day the simulator was started.
        self._now = datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp()
        self._count = count
        self._random = random
        self._shelves = self._fill_shelves(today)
        self._stocks = iter([*random.sample(STOCKS, len(STOCKS)), *CORE[:3]])
        self._future = iter([future_expiry(today)])
        self._others = other_kinds(today)

    def positions(self) -> Iterator[Position]:
        """Follow the pattern until there are enough."""
        makers = {
            "condor": self._condor,
            "single": self._single,
            "stock": self._stock,
            "future": self._one_future,
            "other": self._other,
        }
        left = self._count
        for step in cycle(PATTERN):
            if not left:
                return
            if step == "condor" and left < CONDOR_LEGS:
                step = "single"
            group = makers[step]()[:left]
            yield from group
            left -= len(group)

    def _condor(self) -> list[Position]:
        while True:
            shelf = self._shelves.popleft()
            strikes = shelf.wings()
            # A shelf without a condor is given up: there are more shelves than a book fills.
            if strikes is not None:
                break
        self._shelves.append(shelf)
        number = self._random.randint(1, MAX_CONDORS)
        long_put, short_put, short_call, long_call = strikes
        return [
            self._option(shelf, long_put, "P", number),
            self._option(shelf, short_put, "P", -number),
            self._option(shelf, short_call, "C", -number),
            self._option(shelf, long_call, "C", number),
        ]

    def _single(self) -> list[Position]:
        while True:
            shelf = self._shelves.popleft()
            right: Literal["C", "P"] = "P" if self._random.random() < 0.5 else "C"
            strike = shelf.take(right)
            if strike is not None:
                break
        self._shelves.append(shelf)
        quantity = self._random.choice((-1, 1)) * self._random.randint(1, MAX_SINGLES)
        return [self._option(shelf, strike, right, quantity)]

    def _stock(self) -> list[Position]:
        underlying = next(self._stocks, None)
        contract = self._universe.spot(underlying.symbol) if underlying else None
        if contract is None:
            return []
        return [self._position(contract, 100 * self._random.randint(1, MAX_LOTS))]

    def _one_future(self) -> list[Position]:
        expiry = next(self._future, None)
        if expiry is None:
            return []
        contract = self._universe.future(FUTURE.symbol, expiry)
        return [self._position(contract, self._random.randint(1, MAX_FUTURES))]

    def _other(self) -> list[Position]:
        described = next(self._others, None)
        if described is None:
            return []
        entry = read_entry(Reader(described, "the default book", "simulator"), ACCOUNT)
        return [list_entry(entry, self._universe, self._market, Rates(), self._now)]

    def _option(
        self, shelf: Shelf, strike: float, right: Literal["C", "P"], quantity: int
    ) -> Position:
        contract = self._universe.option(shelf.underlying.symbol, shelf.expiry, strike, right)
        return self._position(contract, quantity)

    def _position(self, contract: Contract, quantity: int) -> Position:
        paid = self._random.uniform(PAID_FROM, PAID_TO)
        price = max(self._market.fair(contract, self._now) * paid, contract.min_tick)
        cost = round(price * float(contract.money_per_point), 4)
        return Position(ACCOUNT, contract, Decimal(quantity), cost)

    def _fill_shelves(self, today: date) -> deque[Shelf]:
        """Choose underlyings and expiries: the core with its nearest expiries first."""
        expiries = option_expiries(today)
        stocks = self._random.sample(STOCKS, len(STOCKS))
        ranked = (*product(expiries, CORE), *product(expiries, stocks))
        number = max(MIN_SHELVES, ceil(self._count / SHELF_FILL))
        shelves = [
            Shelf(underlying, expiry, self._market.spot(underlying.symbol, self._now))
            for expiry, underlying in islice(ranked, number)
        ]
        return deque(self._random.sample(shelves, len(shelves)))
