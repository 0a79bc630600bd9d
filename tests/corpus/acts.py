"""What can happen to a portfolio between the book and a reconciliation, each with its cause.

An act is a generator: what it does before its `yield` is in the book, what it does after it is
not. It labels nothing itself; the case sees which holdings changed, and writes down the causes it
yields at its end.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.corpus.stage import Act, Stage
from tests.support.values import NOON, position

LATER = "20270115"


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
    """Trade in TWS by hand."""
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
    """The gateway has received a trade, and its row is on its way."""
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
