"""Exchange rates from quotes of currency pairs, where an account's values give none. Pure.

Rules:
* Of a pair X.BASE the rate of X is the middle of bid and ask; of BASE.X it is one over the middle.
  A last trade or a close is no rate. Of both pairs, and of several quotes, the newest counts.
* A pair whose magnifier is unknown gives no rate. No rate is put together from two pairs.
* The rate is as old as the quote, and names the pair as its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from slotwise.contract import Contract
from slotwise.exchange_rates import ONE, ExchangeRate
from slotwise.precision import EXACT, FINE_DECIMALS, rounded
from slotwise.quote import Quote

#: Security type of a currency pair: EUR.USD has the symbol EUR and the currency USD.
PAIR = "CASH"


class Wanted(NamedTuple):
    """A currency whose rate an account lacks."""

    account: str
    currency: str
    base_currency: str


class _Rate(NamedTuple):
    """Worth of one unit of a currency in another, from the quote of a pair."""

    observed_at: datetime
    value: Decimal
    pair: str


def pair_rates(
    wanted: Iterable[Wanted], quotes: Iterable[tuple[Contract, Quote]]
) -> list[ExchangeRate]:
    """Return the rates that quotes of pairs give, of those that are wanted."""
    known = _rates(quotes)
    return [
        ExchangeRate(
            account=one.account,
            currency=one.currency,
            base_currency=one.base_currency,
            rate=rate.value,
            observed_at=rate.observed_at,
            source=rate.pair,
        )
        for one in wanted
        if (rate := known.get((one.currency, one.base_currency))) is not None
    ]


def _rates(quotes: Iterable[tuple[Contract, Quote]]) -> Mapping[tuple[str, str], _Rate]:
    """Return the newest rate of each currency in each other that a pair gives."""
    rates: dict[tuple[str, str], _Rate] = {}
    for contract, quote in quotes:
        middle = _middle(contract, quote)
        if middle is None:
            continue
        first, second = contract.symbol, contract.currency
        inverse = EXACT.divide(ONE, middle)
        for pair, value in (((first, second), middle), ((second, first), inverse)):
            rate = _Rate(quote.observed_at, rounded(value, FINE_DECIMALS), f"{first}.{second}")
            before = rates.get(pair)
            if rate.value > 0 and (before is None or rate.observed_at > before.observed_at):
                rates[pair] = rate
    return rates


def _middle(contract: Contract, quote: Quote) -> Decimal | None:
    """Return the middle of a pair's market in money; None where there is none."""
    price, source = quote.price()
    if contract.sec_type != PAIR or not contract.price_magnifier:
        return None
    if price is None or price <= 0 or source != "mid":
        return None
    return EXACT.divide(price, Decimal(contract.price_magnifier))
