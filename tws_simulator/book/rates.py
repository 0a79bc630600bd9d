"""Exchange rates: the value of one unit of a currency in the base currency of an account.

TWS sends them as the account value `ExchangeRate`, one for each currency. They stand still here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

#: The base currency where a portfolio file names none.
BASE = "USD"
#: US dollars for one unit: plausible for 2026, no more. A portfolio file can give others.
DOLLARS: Mapping[str, Decimal] = {
    currency: Decimal(rate)
    for currency, rate in (
        ("USD", "1"), ("EUR", "1.16"), ("GBP", "1.33"), ("CHF", "1.24"), ("JPY", "0.0064"),
        ("HKD", "0.128"), ("CNH", "0.141"), ("AUD", "0.66"), ("NZD", "0.58"), ("CAD", "0.72"),
        ("SEK", "0.106"), ("NOK", "0.099"), ("DKK", "0.155"), ("SGD", "0.77"), ("ZAR", "0.058"),
        ("ILS", "0.30"), ("MXN", "0.054"), ("INR", "0.0113"), ("KRW", "0.00069"),
        ("PLN", "0.27"), ("CZK", "0.048"), ("HUF", "0.0030"), ("TRY", "0.024"),
        ("TWD", "0.032"), ("THB", "0.031"), ("BRL", "0.18"), ("AED", "0.2723"),
        ("SAR", "0.2666"), ("MYR", "0.24"), ("RUB", "0.0123"),
    )
}  # fmt: skip
#: Decimals of a rate.
PLACES = Decimal("0.0000001")


class Rates:
    """Hold the rates of a login; account values name no rate of the currencies in `unnamed`."""

    def __init__(
        self,
        base: str = BASE,
        given: Mapping[str, Decimal] | None = None,
        unnamed: Iterable[str] = (),
    ) -> None:
        self.base = base
        self.unnamed = frozenset(unnamed)
        self._given = dict(given or {})

    def knows(self, currency: str) -> bool:
        """Return True where a currency has a rate."""
        given = currency in self._given or currency == self.base
        return given or (currency in DOLLARS and self.base in DOLLARS)

    def rate(self, currency: str) -> Decimal:
        """Return the value of one unit in the base currency."""
        if currency == self.base:
            return Decimal(1)
        if currency in self._given:
            return self._given[currency]
        return (DOLLARS[currency] / DOLLARS[self.base]).quantize(PLACES)

    def in_base(self, amount: Decimal, currency: str) -> Decimal:
        """Return an amount of a currency in the base currency."""
        return amount * self.rate(currency)
