"""At what price, and how much, an order trades against a quote."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from tws_simulator.book.order import Action, ComboLeg
from tws_simulator.instruments.contract import Contract
from tws_simulator.market.quote import Quote

#: Types of orders that are worked, and those among them with a limit, and with a stop.
TYPES = frozenset(("MKT", "LMT", "STP", "STP LMT"))
LIMITED = frozenset(("LMT", "STP LMT"))
STOPPED = frozenset(("STP", "STP LMT"))


class Taken(NamedTuple):
    """Hold what can be had at once: so much at a price."""

    price: Decimal
    size: Decimal


class TakenLeg(NamedTuple):
    """Hold what one leg trades at: `ratio` of it for each combination, in its direction."""

    contract: Contract
    ratio: int
    action: Action
    price: Decimal


def opposite(action: Action) -> Action:
    """Return the other side."""
    return "SELL" if action == "BUY" else "BUY"


def to_take(action: Action, quote: Quote) -> Taken | None:
    """Return what the other side of the market offers; None where there is nothing."""
    price, size = (quote.ask, quote.ask_size) if action == "BUY" else (quote.bid, quote.bid_size)
    if price is None or size <= 0:
        return None
    return Taken(Decimal(str(price)), Decimal(size))


def within(action: Action, price: Decimal, limit: float | None) -> bool:
    """Return whether a price is as good as the limit or better; without a limit each is."""
    if limit is None:
        return True
    bound = Decimal(str(limit))
    return price <= bound if action == "BUY" else price >= bound


def triggered(action: Action, stop: float, quote: Quote) -> bool:
    """Return whether the last trade has reached a stop."""
    return quote.last >= stop if action == "BUY" else quote.last <= stop


def combined(
    action: Action, legs: Sequence[ComboLeg], quotes: Sequence[Quote]
) -> tuple[Taken, tuple[TakenLeg, ...]] | None:
    """Return the net price of a combination and its legs' prices; None where a leg has none.

    A net price is what a buyer pays for one combination, and negative where he is paid; it is not
    multiplied. Selling turns every leg round.
    """
    legs_taken: list[TakenLeg] = []
    net, sizes = Decimal(0), []
    for leg, quote in zip(legs, quotes, strict=True):
        does = leg.action if action == "BUY" else opposite(leg.action)
        taken = to_take(does, quote)
        if taken is None:
            return None
        net += leg.ratio * (taken.price if leg.action == "BUY" else -taken.price)
        sizes.append(taken.size // leg.ratio)
        legs_taken.append(TakenLeg(leg.contract, leg.ratio, does, taken.price))
    size = min(sizes)
    return (Taken(net, size), tuple(legs_taken)) if size else None
