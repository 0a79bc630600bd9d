"""Exchange rates of the past: the newest of each account and currency by a moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.lake.foreign import values_of
from slotwise.lake.query_parts import columns_for, first_of_each, known_within
from slotwise.lake.schemas import EXCHANGE_RATES
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake

#: Rates are looked for so far back: they land every hour, so this bridges a gateway that rested
#: over the longest weekend.
LOOK_BACK = timedelta(days=10)


def rates_as_of(lake: Lake, at: datetime, known_at: datetime | None = None) -> Rates:
    """Read the rates as TWS had given them by `at`, as far as they had landed by `known_at`.

    Empty where the table is not there yet. Raises LakeError.
    """
    name = EXCHANGE_RATES.name
    if not lake.has(name):
        return Rates()
    newest = first_of_each(
        columns_for(ExchangeRate),
        f"{name} WHERE {known_within(at - LOOK_BACK, at, known_at)}",
        per="account, currency",
        order="observed_at DESC, coalesce(landing, 0) DESC",
    )
    return Rates(values_of(ask(lake, newest, name), ExchangeRate, name))
