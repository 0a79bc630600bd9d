"""Sums of each group as a page gets them: a line for each currency, or for the base currency. Pure.

Rules:
* A group in one currency has that one line. In several currencies it has the lines of its base
  currencies, where there are any, else one of each currency.
* The sums of everything have the lines of all currencies, and of base currencies where those add
  something.
* A sum that lacks holdings says so with a question mark; one that lacks all of them is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from slotwise.portfolio.grouping import Group
from slotwise.portfolio.sums import MEASURES, Sums
from slotwise.portfolio.words import amount_words
from slotwise.printable import printable
from workers.web.ages import epoch_ms

#: Names of groups from the outermost inward, as JSON; a key that a page can make of them too.
Key: TypeAlias = str


class SumLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of sums; `amounts` are in the order of MEASURES, None is unknown."""

    currency: str
    is_base: bool
    holdings: int
    priced: int
    #: When the oldest price was observed, ms since 1970.
    oldest_at: int | None
    amounts: tuple[str | None, ...]


def all_sums(total: Group) -> tuple[SumLine, ...]:
    """Return the sums of everything."""
    currencies = {sums.currency for sums in total.currencies}
    bases = [
        sums
        for sums in total.bases
        if len(currencies) > 1 or currencies != {sums.currency} or sums.without_rate
    ]
    return tuple(map(sum_line, (*bases, *total.currencies)))


def group_sums(total: Group) -> dict[Key, tuple[SumLine, ...]]:
    """Return the sums of every group within the whole, by its key."""
    return dict(_inner(total))


def key_of(path: tuple[str, ...]) -> Key:
    """Return the key of a group."""
    return msgspec.json.encode([printable(name) for name in path]).decode()


def sum_line(sums: Sums) -> SumLine:
    """Return one line."""
    return SumLine(
        currency=sums.currency,
        is_base=sums.is_base,
        holdings=sums.holdings,
        priced=sums.priced,
        oldest_at=epoch_ms(sums.oldest_price_at),
        amounts=tuple(amount_words(sums.amount(name), sums.holdings) for name in MEASURES),
    )


def _inner(group: Group) -> Iterator[tuple[Key, tuple[SumLine, ...]]]:
    for one in group.groups:
        shown = one.bases if len(one.currencies) > 1 and one.bases else one.currencies
        yield key_of(one.path), tuple(map(sum_line, shown))
        yield from _inner(one)
