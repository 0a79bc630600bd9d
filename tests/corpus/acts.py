"""What can happen to a portfolio between the book and a reconciliation, each with its cause.

An act is a generator: what it does before its `yield` is in the book, what it does after it is
not. It labels nothing itself; the case sees which holdings changed, and writes down the causes it
yields at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from decimal import Decimal
from random import Random
from typing import TypeAlias

from slotwise.position import Position
from tests.corpus.floor import Floor
from tests.support.values import NOON, position

#: Causes of the holdings that changed since the act began; None where no break is expected.
Act: TypeAlias = Generator[None, None, tuple[str, ...]]

#: Underlyings that acts make their own contracts on.
STOCKS = ("AAPL", "MSFT", "AMZN", "NVDA", "JPM", "XOM", "KO", "DIS", "BAC", "WMT", "INTC", "CSCO")
EXPIRY, LATER = "20261218", "20270115"


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


def fill(stage: Stage) -> Act:
    """Another API client buys or sells, and may close."""
    yield
    one = stage.pick("STK")
    change = stage.random.choice((1, 7, -3, -int(one.quantity)))
    stage.floor.trade(one, change)
    return ("fill",)


def fills(stage: Stage) -> Act:
    """Several fills of one contract, in both directions."""
    yield
    one = stage.pick("STK")
    for change in (5, -2, 9):
        stage.floor.trade(one, change)
    return ("fill",)


def there_and_back(stage: Stage) -> Act:
    """Sold through zero and bought back: the same quantity at another cost."""
    yield
    one = stage.pick("STK")
    size = int(one.quantity)
    stage.floor.trade(one, -size)
    stage.floor.trade(one, size)
    return ("fill",)


def manual(stage: Stage) -> Act:
    """Somebody trades in TWS."""
    yield
    one = stage.pick()
    change = stage.random.choice((2, -1, -int(one.quantity)))
    stage.floor.do(do="fill", con_id=one.contract.con_id, quantity=change)
    return ("manual_trade",)


def roll(stage: Stage) -> Act:
    """An option is closed and a later one opened, by hand."""
    symbol, quantity = stage.stock(), stage.lots()
    old = stage.option(symbol, 1.1, "C", quantity)
    new = stage.option(symbol, 1.1, "C", quantity, LATER)
    stage.floor.do(do="close", con_id=new)
    yield
    stage.floor.do(do="fill", con_id=old, quantity=-quantity)
    stage.floor.do(do="fill", con_id=new, quantity=quantity)
    return ("manual_trade",)


def expired(stage: Stage) -> Act:
    """An option out of the money, or one that pays cash, comes to its end."""
    if stage.random.random() < 0.5:
        right, moneyness = stage.random.choice((("C", 1.3), ("P", 0.7)))
        con_id = stage.option(stage.stock(), moneyness, right, stage.lots())
    else:
        right, moneyness = stage.random.choice((("C", 0.8), ("P", 0.8)))
        con_id = stage.option("SPX", moneyness, right, stage.lots())
    yield
    stage.floor.do(do="expire", con_id=con_id)
    return ("expired",)


def future_expired(stage: Stage) -> Act:
    """A future comes to its end."""
    yield
    stage.floor.do(do="expire", con_id=stage.pick("FUT").contract.con_id)
    return ("expired",)


def _delivers(stage: Stage, sign: int) -> Act:
    symbol, number = stage.stock(), stage.random.randint(1, 9)
    if stage.random.random() < 0.5:
        stage.shares(symbol, stage.random.randint(1, 20) * 100)
    right, moneyness = stage.random.choice((("C", 0.8), ("P", 1.2)))
    con_id = stage.option(symbol, moneyness, right, sign * number)
    yield
    if stage.random.random() < 0.5:
        stage.floor.do(do="expire", con_id=con_id)
    else:
        stage.floor.do(do="exercise", con_id=con_id, quantity=stage.random.randint(1, number))
    return ("exercised" if sign > 0 else "assigned",)


def exercised(stage: Stage) -> Act:
    """A long option delivers, at its end or before."""
    return (yield from _delivers(stage, 1))


def assigned(stage: Stage) -> Act:
    """A short option is assigned, at its end or before."""
    return (yield from _delivers(stage, -1))


def condor_expired(stage: Stage) -> Act:
    """Four legs come to their end, one of them in the money."""
    symbol, number = stage.stock(), stage.random.randint(1, 5)
    inside = stage.random.choice((0.95, 1.05))
    legs = ((0.7, "P", 1), (1.1 if inside > 1 else 0.8, "P", -1),
            (0.9 if inside < 1 else 1.2, "C", -1), (1.3, "C", 1))  # fmt: skip
    ids = [stage.option(symbol, part, right, sign * number) for part, right, sign in legs]
    stage.causes |= dict.fromkeys(ids, "expired") | {ids[1 if inside > 1 else 2]: "assigned"}
    yield
    for con_id in ids:
        stage.floor.do(do="expire", con_id=con_id)
    return ("assigned",)


def spread_delivered(stage: Stage) -> Act:
    """Both legs of a spread end in the money: as many shares come as go."""
    symbol, number = stage.stock(), stage.random.randint(1, 5)
    ids = [stage.option(symbol, part, "C", sign * number) for part, sign in ((0.7, 1), (0.8, -1))]
    stage.causes |= {ids[0]: "exercised", ids[1]: "assigned"}
    yield
    for con_id in ids:
        stage.floor.do(do="expire", con_id=con_id)
    return ("exercised", "assigned")


def assigned_and_traded(stage: Stage) -> Act:
    """A short put is assigned, and some of the shares are sold at once."""
    symbol = stage.stock()
    stock = stage.shares(symbol, 100)
    put = stage.option(symbol, 1.2, "P", -3)
    yield
    stage.floor.do(do="exercise", con_id=put)
    stage.floor.do(do="fill", con_id=stock, quantity=-37)
    return ("assigned",)


def split(stage: Stage) -> Act:
    """A stock splits, with an option on it or without."""
    symbol = stage.stock()
    stage.shares(symbol, stage.random.randint(1, 20) * 100)
    ratio = stage.random.choice(("2:1", "3:1", "3:2", "1:10", "20:1", "5:4", "4:1"))
    if stage.random.random() < 0.6 and ratio != "1:10":
        stage.option(symbol, 1.0, stage.random.choice("CP"), stage.lots() * 4)
    yield
    stage.floor.do(do="split", symbol=symbol, ratio=ratio)
    return ("split",)


def multiplier(stage: Stage) -> Act:
    """An option delivers another number of shares from now on."""
    con_id = stage.option(stage.stock(), 1.0, "C", stage.lots())
    yield
    number = stage.random.choice((101, 110, 150))
    stage.floor.do(do="multiplier", con_id=con_id, multiplier=number)
    return ("multiplier_changed",)


def late(stage: Stage) -> Act:
    """The gateway has heard of a trade, and its news is on its way."""
    yield
    one = stage.pick()
    con_id = one.contract.con_id
    change = stage.random.choice((2, -int(one.quantity)))
    stage.floor.do(do="fill", con_id=con_id, quantity=change)
    stage.queued.add(con_id)
    return ("late_landing",)


def almost_landed(stage: Stage) -> Act:
    """The row of a trade waits for the next commit: no break."""
    yield
    one = stage.pick()
    stage.floor.do(do="fill", con_id=one.contract.con_id, quantity=2)
    stage.streamed.add(one.contract.con_id)
    return ()


def transfer(stage: Stage) -> Act:
    """A position moves to or from another broker: no execution, nothing that explains it."""
    yield
    one = stage.pick()
    quantity = stage.random.choice((0, int(one.quantity) + 3))
    stage.floor.do(do="position", con_id=one.contract.con_id, quantity=quantity)
    return ("unknown",)


def phantom(stage: Stage) -> Act:
    """The book holds what the broker never did."""
    con_id = 990_000_000 + stage.random.randint(1, 999_999)
    stage.book_adds.append(position(con_id, stage.lots(), account="DU1234567", observed_at=NOON))
    yield
    return ("unknown",)


def lost(stage: Stage) -> Act:
    """The book lacks what the broker has held all along."""
    yield
    stage.book_lacks.add(stage.pick().contract.con_id)
    return ("unknown",)


def wrong_cost(stage: Stage) -> Act:
    """The book has another cost."""
    yield
    one = stage.pick()
    assert one.avg_cost is not None
    stage.book_costs[one.contract.con_id] = one.avg_cost * Decimal("1.01") + 1
    return ("unknown",)


def stranger(stage: Stage) -> Act:
    """The book has an account that the login has not."""
    for con_id in stage.random.sample(range(980_000_000, 980_001_000), 3):
        stage.book_adds.append(position(con_id, stage.lots(), account="DU999", observed_at=NOON))
    yield
    return ("unknown",)


#: Each act by its name, and how often it is played alone.
ACTS: dict[str, tuple[Callable[[Stage], Act], int]] = {
    "fill": (fill, 16),
    "fills": (fills, 8),
    "there_and_back": (there_and_back, 6),
    "manual": (manual, 16),
    "roll": (roll, 8),
    "expired": (expired, 20),
    "future_expired": (future_expired, 4),
    "exercised": (exercised, 20),
    "assigned": (assigned, 20),
    "assigned_and_traded": (assigned_and_traded, 8),
    "condor_expired": (condor_expired, 8),
    "spread_delivered": (spread_delivered, 4),
    "split": (split, 20),
    "multiplier": (multiplier, 14),
    "late": (late, 20),
    "almost_landed": (almost_landed, 6),
    "transfer": (transfer, 14),
    "phantom": (phantom, 10),
    "lost": (lost, 10),
    "wrong_cost": (wrong_cost, 10),
    "stranger": (stranger, 6),
}
