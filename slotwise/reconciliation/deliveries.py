"""Deliveries: options that are gone, and the shares that came or went for them.

Rules:
* An option that is exercised, or assigned to whom is short of it, delivers its multiplier of
  shares at the strike: calls to whom holds them, puts from him.
* At expiry exactly those in the money are: of one expiry there is a price below which all calls
  and above which all puts are. Before it, any may be.
* The change of the shares that no execution explains must be the sum of what was delivered. Where
  no price makes it so, nothing was. As many may come as go: then their cost is another one.
* What is gone at expiry and delivered nothing has expired: worthless, or for cash.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice, product

from slotwise.reconciliation.difference import NOTHING, Difference
from slotwise.reconciliation.report import Cause
from slotwise.reconciliation.trades import Explained, plain, signed

#: Sets of deliveries that are tried for one underlying at most. One expiry of 100 strikes has 101;
#: two at once, as after a long weekend, 10,000.
TRIED = 20_000


def delivered(
    options: Sequence[Difference],
    stock: Difference | None,
    shares: Decimal,
    is_over: Callable[[Difference], bool],
) -> dict[int, Explained]:
    """Explain what options of one account and underlying delivered; by contract, the stock's too.

    `shares` is the change of the stock that no execution explains.
    """
    gone = [option for option in options if _is_taken_away(option)]
    if not gone or stock is None:
        return {}
    chosen = next((some for some in _sets(gone, is_over) if some and _shares(some) == shares), None)
    if chosen is None:
        return {}
    found: dict[int, Explained] = {
        option.con_id: (_cause(option), f"with {_label(option)} {_stock_leg(option, stock)}")
        for option in chosen
    }
    largest = max(chosen, key=lambda option: abs(_delivers(option)))
    legs = ", ".join(f"{signed(option.change)} {_label(option)}" for option in chosen)
    found[stock.con_id] = (_cause(largest), f"{signed(shares)} shares for {legs}")
    return found


def _sets(
    gone: Sequence[Difference], is_over: Callable[[Difference], bool]
) -> Iterator[list[Difference]]:
    """Return the sets of options that can have been delivered together, likely ones first."""
    early = [option for option in gone if not is_over(option)]
    expiries: dict[str, list[Difference]] = defaultdict(list)
    for option in gone:
        if is_over(option):
            expiries[option.contract.expiry].append(option)
    by_expiry = [list(_in_the_money(options)) for options in expiries.values()]
    for over in islice(product(*by_expiry), TRIED):
        yield [*early, *chain.from_iterable(over)]
    for over in islice(product(*by_expiry), TRIED):
        yield list(chain.from_iterable(over))


def _in_the_money(options: Sequence[Difference]) -> Iterator[list[Difference]]:
    """Return what is in the money at each price that makes a difference."""
    strikes = sorted({_strike(option) for option in options})
    for below in range(len(strikes) + 1):
        calls, puts = set(strikes[:below]), set(strikes[below:])
        yield [o for o in options if _strike(o) in (calls if o.contract.right == "C" else puts)]


def _is_taken_away(option: Difference) -> bool:
    """Return whether less is held than before, on the same side."""
    book = option.book
    return book is not None and book.quantity * option.change < 0 and (
        abs(option.change) <= abs(book.quantity)
    )  # fmt: skip


def _delivers(option: Difference) -> Decimal:
    """Return how many shares come for the contracts that are gone."""
    sign = -1 if option.contract.right == "C" else 1
    return sign * option.change * option.contract.multiplier


def _shares(options: Sequence[Difference]) -> Decimal:
    return sum((_delivers(option) for option in options), NOTHING)


def _cause(option: Difference) -> Cause:
    return "exercised" if option.change < 0 else "assigned"


def _stock_leg(option: Difference, stock: Difference) -> str:
    strike = plain(_strike(option))
    return f"{signed(_delivers(option))} {stock.contract.symbol} came at {strike}"


def _strike(option: Difference) -> Decimal:
    return option.contract.strike or NOTHING


def _label(option: Difference) -> str:
    return option.contract.label
