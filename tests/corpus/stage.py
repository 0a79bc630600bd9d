"""The stage on which a case of the corpus is played."""

from __future__ import annotations

from collections.abc import Generator
from decimal import Decimal
from random import Random
from typing import TypeAlias

from slotwise.position import Position
from tests.corpus.floor import Floor

#: Causes of the holdings that changed since the act began; None where no break is expected.
Act: TypeAlias = Generator[None, None, tuple[str, ...]]
#: When what acts open expires.
EXPIRY = "20261218"
#: Underlyings that acts make their own contracts on.
STOCKS = ("AAPL", "MSFT", "AMZN", "NVDA", "JPM", "XOM", "KO", "DIS", "BAC", "WMT", "INTC", "CSCO")


class Stage:
    """Give acts what they need: the floor, what is held, and chance."""

    def __init__(self, floor: Floor, random: Random) -> None:
        self.floor = floor
        self.random = random
        #: What the broker says when the book is made.
        self.held: dict[int, Position] = {}
        #: Changes of the book itself, that no broker makes.
        self.book_lacks: set[int] = set()
        self.book_adds: list[Position] = []
        self.book_costs: dict[int, Decimal] = {}
        #: Contracts whose news is known and queued, or known and on its way as a row.
        self.queued: set[int] = set()
        self.streamed: set[int] = set()
        #: Causes of single contracts, where an act has more than one.
        self.causes: dict[int, str] = {}
        self._stocks = list(STOCKS)
        random.shuffle(self._stocks)
        self._taken: set[str] = set()
        self._used: set[int] = set()

    def stock(self) -> str:
        """Name an underlying that no other act uses."""
        symbol = self._stocks.pop()
        self._taken.add(symbol)
        return symbol

    def pick(self, *sec_types: str) -> Position:
        """Take a holding that no other act uses; of the one future only who asks for it."""
        sec_types = sec_types or ("STK", "OPT")
        free = [
            one
            for con_id, one in sorted(self.held.items())
            if con_id not in self._used
            and one.contract.sec_type in sec_types
            and one.contract.symbol not in self._taken
        ]
        chosen = self.random.choice(free)
        self._used.add(chosen.contract.con_id)
        return chosen

    def lots(self) -> int:
        """Give a number of contracts, long or short."""
        return self.random.choice((-1, 1)) * self.random.randint(1, 9)

    def option(self, symbol: str, moneyness: float, right: str, quantity: int,
               expiry: str = EXPIRY) -> int:  # fmt: skip
        """Hold an option whose strike is that part of the price; return its id."""
        strike = max(round(self.floor.spot(symbol) * moneyness), 1)
        return int(
            self.floor.do(
                do="open", symbol=symbol, sec_type="OPT", expiry=expiry, strike=strike,
                right=right, quantity=quantity,
            )["con_id"]
        )  # fmt: skip

    def shares(self, symbol: str, quantity: int) -> int:
        """Hold shares, or leave those that are held; return their id."""
        held = self.floor.shares_of(symbol)
        if held is not None:
            return held
        return int(self.floor.do(do="open", symbol=symbol, quantity=quantity)["con_id"])
