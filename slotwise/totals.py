"""Totals: the value of all holdings, by currency, and by base currency where rates are known.

Rules:
* A total adds the known numbers. How many holdings it lacks stands beside it: an unknown number is
  never added as zero without being counted.
* A holding counts towards the total of its account's base currency where its value is known and
  there is a rate from its currency.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.exchange_rates import Rates
from slotwise.precision import EXACT, MONEY_DECIMALS, rounded

NOTHING = Decimal(0)


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """The money of one row's holding, in its own currency; None is unknown."""

    account: str
    currency: str
    market_value: Decimal | None
    unrealized_pnl: Decimal | None


class CurrencyTotal(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of the holdings in one currency, and how many of them the sums lack."""

    currency: str
    holdings: int
    market_value: Decimal
    without_value: int
    unrealized_pnl: Decimal
    without_pnl: int


class BaseTotal(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of the holdings of all accounts with one base currency.

    `without_rate` names the currencies that have no rate; their holdings are in no sum.
    """

    base_currency: str
    holdings: int
    market_value: Decimal
    without_value: int
    unrealized_pnl: Decimal
    without_pnl: int
    without_rate: tuple[str, ...]
    #: Time of the oldest rate that was used; None where none was.
    oldest_rate_at: datetime | None
    #: Currency pairs whose quotes gave rates; the account's values gave the others.
    pairs: tuple[str, ...] = ()


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums by currency and by base currency, each in the order of their names."""

    currencies: tuple[CurrencyTotal, ...]
    bases: tuple[BaseTotal, ...]
    #: Holdings of accounts whose base currency is unknown.
    without_base: int


@dataclass(slots=True)
class _Sum:
    holdings: int = 0
    value: Decimal = NOTHING
    without_value: int = 0
    gain: Decimal = NOTHING
    without_gain: int = 0
    without_rate: set[str] = field(default_factory=set)
    oldest_at: datetime | None = None
    pairs: set[str] = field(default_factory=set)

    def add(self, value: Decimal | None, gain: Decimal | None) -> None:
        self.holdings += 1
        if value is None:
            self.without_value += 1
        else:
            self.value = EXACT.add(self.value, value)
        if gain is None:
            self.without_gain += 1
        else:
            self.gain = EXACT.add(self.gain, gain)


def totals(holdings: Iterable[Holding], rates: Rates) -> Totals:
    """Add up what is held."""
    by_currency: dict[str, _Sum] = defaultdict(_Sum)
    by_base: dict[str, _Sum] = defaultdict(_Sum)
    without_base = 0
    for one in holdings:
        by_currency[one.currency].add(one.market_value, one.unrealized_pnl)
        base = rates.base_of(one.account)
        if base is None:
            without_base += 1
        else:
            _add_in_base(by_base[base], one, base, rates)
    return Totals(
        currencies=tuple(_currency(name, by_currency[name]) for name in sorted(by_currency)),
        bases=tuple(_base(name, by_base[name]) for name in sorted(by_base)),
        without_base=without_base,
    )


def in_base(one: Holding, rates: Rates) -> Decimal | None:
    """Return a holding's value in its account's base currency; None where it is unknown."""
    return _convert(one, one.market_value, rates)


def _add_in_base(total: _Sum, one: Holding, base: str, rates: Rates) -> None:
    total.add(_convert(one, one.market_value, rates), _convert(one, one.unrealized_pnl, rates))
    rate = rates.rate(one.account, one.currency)
    if one.currency == base:
        return
    if rate is None:
        total.without_rate.add(one.currency)
        return
    if rate.source is not None:
        total.pairs.add(rate.source)
    if total.oldest_at is None or rate.observed_at < total.oldest_at:
        total.oldest_at = rate.observed_at


def _convert(one: Holding, money: Decimal | None, rates: Rates) -> Decimal | None:
    if money is None:
        return None
    if money == NOTHING:
        return NOTHING
    return rates.in_base(one.account, one.currency, money)


def _currency(name: str, total: _Sum) -> CurrencyTotal:
    return CurrencyTotal(
        currency=name,
        holdings=total.holdings,
        market_value=rounded(total.value, MONEY_DECIMALS),
        without_value=total.without_value,
        unrealized_pnl=rounded(total.gain, MONEY_DECIMALS),
        without_pnl=total.without_gain,
    )


def _base(name: str, total: _Sum) -> BaseTotal:
    return BaseTotal(
        base_currency=name,
        holdings=total.holdings,
        market_value=rounded(total.value, MONEY_DECIMALS),
        without_value=total.without_value,
        unrealized_pnl=rounded(total.gain, MONEY_DECIMALS),
        without_pnl=total.without_gain,
        without_rate=tuple(sorted(total.without_rate)),
        oldest_rate_at=total.oldest_at,
        pairs=tuple(sorted(total.pairs)),
    )
