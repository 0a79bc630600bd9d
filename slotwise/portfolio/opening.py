"""Opening: what was held at the start of the day, and the day's profit and loss that follows.

The day begins at midnight in New York, where IB's own daily profit and loss begins by default.

Rules of the day's profit and loss of a holding, of quantity q0 and average cost c0 at the start, q1
and c1 now:

| holding                        | profit and loss of the day                                   |
|--------------------------------|--------------------------------------------------------------|
| unchanged (q1 = q0)            | value of q1 at (price - previous close)                      |
| opened today (q0 = 0)          | value of q1 - q1 x c1                                        |
| larger, on the same side       | that of q0 as unchanged, and of what was added: its value    |
|                                | - (q1 x c1 - q0 x c0)                                        |
| smaller, or on the other side  | by executions, else unknown: prices of sales are not in the  |
|                                | record of positions                                          |

By executions: the value of q1, less that of q0 at the previous close, less what executions paid,
with their commissions. It holds where they sum up to q1 - q0, also of an unchanged quantity that
was traded meanwhile. What was only added to goes by its cost, which has every commission. Where
they do not sum up, and say that something was sold, or traded at an unchanged quantity, it is
unknown: there was another one besides, a split, an assignment or a transfer.

What depends on an unknown number is unknown. A holding that was first seen on the day on which the
record begins counts as unchanged since the close before, and is marked so (`assumed`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from slotwise.contract import Contract, PositionKey
from slotwise.portfolio.price import Price
from slotwise.position import Position
from slotwise.precision import EXACT, stored_quantity
from slotwise.rules.valuation import money

#: Where a day begins and ends.
DAY_ZONE = ZoneInfo("America/New_York")
NOTHING = Decimal(0)


class Trade(msgspec.Struct, frozen=True):
    """One execution of the day.

    `commission` is in the contract's currency; None where it is unknown, or in another currency.
    """

    quantity: Decimal
    price: Decimal
    commission: Decimal | None


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What was held of one contract at the start of the day."""

    quantity: Decimal
    avg_cost: Decimal | None = None
    #: The record begins later that day: this is its first state.
    assumed: bool = False
    #: What was executed since.
    trades: tuple[Trade, ...] = ()


class Openings(msgspec.Struct, frozen=True, kw_only=True):
    """What was held at the start of the day; `known` is False where the record cannot be read.

    `begun` is True where the record begins before the day: then what is absent was not held.
    """

    known: bool = False
    begun: bool = False
    held: Mapping[PositionKey, Opening] = {}
    #: When holdings of a record that begins on this day were first seen.
    seen_at: Mapping[PositionKey, datetime] = {}
    #: What was executed since the day, or the record of the holding, began.
    trades: Mapping[PositionKey, tuple[Trade, ...]] = {}
    #: Returns a contract in words, for what is no longer held; thousands are not named in vain.
    name_of: Callable[[PositionKey], str] = lambda key: str(key[1])

    def open_keys(self) -> set[PositionKey]:
        """Return the holdings that there were."""
        return {key for key, opening in self.held.items() if opening.quantity}

    def of(self, position: Position) -> Opening | None:
        """Return what was held of a position's contract; None where that is unknown."""
        if not self.known:
            return None
        trades = self.trades.get(position.key, ())
        found = self.held.get(position.key)
        if found is not None:
            return msgspec.structs.replace(found, trades=trades) if trades else found
        if self.begun:
            return Opening(quantity=NOTHING, trades=trades)
        return Opening(quantity=position.quantity, avg_cost=position.avg_cost, assumed=True)


def start_of_day(at: datetime) -> datetime:
    """Return when the day of a time began, UTC."""
    local = at.astimezone(DAY_ZONE)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def day_pnl(position: Position, price: Price, opening: Opening | None) -> Decimal | None:
    """Compute the profit and loss of the day, in the contract's currency; None where unknown."""
    if opening is None:
        return None
    then, now = opening.quantity, position.quantity
    if _goes_by_executions(then, now, opening):
        return _by_executions(position, price, opening)
    if then == now:
        return since_close(position.contract, now, price)
    added = EXACT.subtract(now, then)
    if then == NOTHING:
        return _less(money(position.contract, now, price.value), _cost(now, position.avg_cost))
    if (then > 0) != (added > 0):
        return None
    kept = since_close(position.contract, then, price)
    paid = _less(_cost(now, position.avg_cost), _cost(then, opening.avg_cost))
    bought = _less(money(position.contract, added, price.value), paid)
    return None if kept is None or bought is None else EXACT.add(kept, bought)


def _goes_by_executions(then: Decimal, now: Decimal, opening: Opening) -> bool:
    """Return True where executions do more than add to what was held."""
    if not opening.trades:
        return False
    is_same_side = then * now >= NOTHING and then != now
    return not (is_same_side and all((one.quantity > 0) == (now > 0) for one in opening.trades))


def _by_executions(position: Position, price: Price, opening: Opening) -> Decimal | None:
    """Compute it by the day's executions; None where one is missing or a number is unknown."""
    then, now, contract = opening.quantity, position.quantity, position.contract
    change = stored_quantity(EXACT.subtract(now, then))
    if sum(one.quantity for one in opening.trades) != change:
        return None
    paid = [money(contract, one.quantity, one.price) for one in opening.trades]
    before = money(contract, then, price.close) if then else NOTHING
    found = _less(money(contract, now, price.value), before)
    for part, one in zip(paid, opening.trades, strict=True):
        found = _less(_less(found, part), one.commission)
    return found


def since_close(contract: Contract, quantity: Decimal, price: Price) -> Decimal | None:
    """Compute what a quantity has gained since the previous close; None where unknown."""
    if price.value is None or price.close is None:
        return None
    return money(contract, quantity, EXACT.subtract(price.value, price.close))


def _cost(quantity: Decimal, avg_cost: Decimal | None) -> Decimal | None:
    return None if avg_cost is None else EXACT.multiply(quantity, avg_cost)


def _less(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else EXACT.subtract(one, other)
