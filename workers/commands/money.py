"""Money of `slotwise positions`: rows in their account's base currency, and totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from slotwise.exchange_rates import Rates
from slotwise.formatting import counted
from slotwise.precision import MONEY_DECIMALS, rounded
from slotwise.totals import BaseTotal, CurrencyTotal, Holding, in_base, totals

#: Where rates are from that name no currency pair.
ACCOUNT_VALUES = "account values"
#: Decimals of money on a screen.
SHOWN_DECIMALS = 2


def holding(row: Mapping[str, Any]) -> Holding:
    """Read the money of a row of `positions_as_of`."""
    return Holding(
        account=row["account"],
        currency=row["currency"] or "",
        market_value=row["market_value"],
        unrealized_pnl=row["unrealized_pnl"],
    )


def with_base(row: Mapping[str, Any], rates: Rates, at: datetime) -> dict[str, Any]:
    """Return a row with its value in the account's base currency, the rate, its age and source."""
    one = holding(row)
    rate = rates.rate(one.account, one.currency)
    value = in_base(one, rates)
    return {
        **row,
        "base_currency": rates.base_of(one.account),
        "exchange_rate": None if rate is None else rate.rate,
        "exchange_rate_age_s": None if rate is None else _age_s(rate.observed_at, at),
        "exchange_rate_source": None if rate is None else rate.source or ACCOUNT_VALUES,
        "market_value_base": None if value is None else rounded(value, MONEY_DECIMALS),
    }


def totals_data(rows: Iterable[Mapping[str, Any]], rates: Rates, at: datetime) -> dict[str, object]:
    """Return the totals of rows as JSON prints them."""
    found = totals(map(holding, rows), rates)
    return {
        "at": at,
        "currencies": found.currencies,
        "bases": [
            {
                **msgspec.structs.asdict(base),
                "oldest_rate_age_s": _age_s(base.oldest_rate_at, at),
            }
            for base in found.bases
        ],
        "without_base": found.without_base,
    }


def footer(rows: Iterable[Mapping[str, Any]], rates: Rates, at: datetime) -> list[str]:
    """Return the totals in words, a line for each currency and each base currency."""
    found = totals(map(holding, rows), rates)
    lines = [_line(one, one.currency or "no currency") for one in found.currencies]
    for base in found.bases:
        words = [_line(base, f"all in {base.base_currency}")]
        if base.oldest_rate_at is not None:
            words.append(f"rates up to {_age_s(base.oldest_rate_at, at):.0f} s old")
        if base.pairs:
            words.append(f"rates from {', '.join(base.pairs)}")
        if base.without_rate:
            words.append(f"no rate of {', '.join(base.without_rate)}")
        lines.append("; ".join(words))
    if found.without_base and len(found.currencies) > 1:
        lines.append(f"no exchange rates yet for {counted(found.without_base, 'holding')}")
    return lines


def _line(total: CurrencyTotal | BaseTotal, name: str) -> str:
    words = [
        f"{name}: {counted(total.holdings, 'holding')}",
        f"value {_money_text(total.market_value)}" + _lacking(total.without_value),
        f"gain {_money_text(total.unrealized_pnl)}" + _lacking(total.without_pnl),
    ]
    return ", ".join(words)


def _lacking(count: int) -> str:
    return f" (without {count} unknown)" if count else ""


def _money_text(money: Decimal) -> str:
    return f"{rounded(money, SHOWN_DECIMALS):,f}"


def _age_s(then: datetime | None, at: datetime) -> float | None:
    return None if then is None else (at - then).total_seconds()
