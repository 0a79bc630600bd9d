"""Exchange rates: the value of one unit of a currency in the base currency of an account.

IB gives them with the account's values, one for each currency that the account has to do with; of
others a quote of a currency pair gives one (`pair_rates`). A rate has its time, for its age, and
its source; a currency without a rate has none, and no neighbour's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.account import login_account
from slotwise.precision import EXACT

ONE = Decimal(1)


class ExchangeRate(msgspec.Struct, frozen=True, kw_only=True):
    """Value of one unit of `currency` in `base_currency`, as TWS sent it at `observed_at`.

    `source` is the currency pair whose middle it is (EUR.USD); None is the account's values.
    """

    account: str
    currency: str
    base_currency: str
    rate: Decimal
    observed_at: datetime
    source: str | None = None


class Rates:
    """The newest rate of each account and currency."""

    def __init__(self, rates: Iterable[ExchangeRate] = ()) -> None:
        self._rates: dict[tuple[str, str], ExchangeRate] = {}
        self._bases: dict[str, tuple[datetime, str]] = {}
        for rate in rates:
            self.take(rate)

    def take(self, rate: ExchangeRate) -> None:
        """Add a rate; an older one than is known changes nothing."""
        key = rate.account, rate.currency
        known = self._rates.get(key)
        if known is None or rate.observed_at >= known.observed_at:
            self._rates[key] = rate
        base = self._bases.get(rate.account)
        if base is None or rate.observed_at >= base[0]:
            self._bases[rate.account] = rate.observed_at, rate.base_currency

    def all(self) -> list[ExchangeRate]:
        """List the rates, by account and currency."""
        return [self._rates[key] for key in sorted(self._rates)]

    def base_of(self, account: str) -> str | None:
        """Return the base currency of an account or of a model in it; None where it is unknown."""
        base = self._bases.get(login_account(account))
        return None if base is None else base[1]

    def rate(self, account: str, currency: str) -> ExchangeRate | None:
        """Return the rate from a currency to the account's base; None where there is none."""
        base = self.base_of(account)
        found = self._rates.get((login_account(account), currency))
        return found if found is not None and found.base_currency == base else None

    def lacks(self, account: str, currency: str) -> bool:
        """Return True where the account's values give no rate of a currency to a known base."""
        base = self.base_of(account)
        if base is None or currency in ("", base):
            return False
        rate = self.rate(account, currency)
        return rate is None or rate.source is not None

    def in_base(self, account: str, currency: str, money: Decimal) -> Decimal | None:
        """Convert money to the account's base currency; None where there is no rate."""
        if currency and currency == self.base_of(account):
            return money
        rate = self.rate(account, currency)
        return None if rate is None else EXACT.multiply(money, rate.rate)

    def between(self, account: str, currency: str, other: str) -> Decimal | None:
        """Return the value of one unit of a currency in another; None where a rate is unknown."""
        if currency and currency == other:
            return ONE
        one, into = self.in_base(account, currency, ONE), self.in_base(account, other, ONE)
        return None if one is None or not into else EXACT.divide(one, into)

    def without_rate(self, held: Iterable[tuple[str, str]]) -> list[str]:
        """Return the currencies, of (account, currency), that cannot be converted to a base.

        Where only one currency is held and no base is known, nothing has to be converted.
        """
        pairs = {(account, currency) for account, currency in held if currency}
        if not self._bases and len({currency for _, currency in pairs}) < 2:
            return []
        lacking = {
            currency
            for account, currency in pairs
            if currency != self.base_of(account) and self.rate(account, currency) is None
        }
        return sorted(lacking)
