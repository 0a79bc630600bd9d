"""Exchange rates of the past: the newest of each account and currency by a moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from deltalake import DeltaTable

from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.lake.foreign import values_of
from slotwise.lake.newest import timestamp
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
    if not DeltaTable.is_deltatable(lake.uri(name)):
        return Rates()
    since = at - LOOK_BACK
    limits = [
        f"observed_at <= {timestamp(at)}",
        f"observed_at >= {timestamp(since)}",
        f"date >= DATE '{since.date()}'",
    ]
    if known_at is not None:
        limits.append(f"landed_at <= {timestamp(known_at)}")
    columns = ", ".join(f'"{column}"' for column in ExchangeRate.__struct_fields__)
    rows = ask(
        lake,
        f"""
        SELECT {columns} FROM (
            SELECT {columns}, row_number() OVER (
                PARTITION BY account, currency ORDER BY observed_at DESC, coalesce(landing, 0) DESC
            ) AS place FROM {name} WHERE {" AND ".join(limits)}
        ) WHERE place = 1
        """,
        name,
    )
    return Rates(values_of(rows, ExchangeRate, name))
