"""Exchange rates out of an account summary.

One request names the accounts' net liquidation, whose currency is the base currency, and the ledger
of every currency (`$LEDGER:ALL`), which has a row `ExchangeRate` for each, and one for all of them
together called BASE. ib_async's own start-up asks for the same tags. Amounts of money in the answer
are dropped where they are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import structlog

from slotwise.exchange_rates import ONE, ExchangeRate
from workers.gateway.ib.requests import SummaryRow
from workers.gateway.ib.translate import decimal_if_any

log = structlog.get_logger(__name__)

#: What is asked for of accounts.
TAGS = "NetLiquidation,$LEDGER:ALL"
BASE_TAG, RATE_TAG = "NetLiquidation", "ExchangeRate"
#: What TWS calls all currencies together.
TOGETHER = "BASE"


def summary_row(account: str, tag: str, value: str, currency: str) -> SummaryRow | None:
    """Return a row of a summary, without what it does not need; None for one of no use."""
    if tag == BASE_TAG:
        return SummaryRow(account, tag, "", currency)
    return SummaryRow(account, tag, value, currency) if tag == RATE_TAG else None


def rates_from(rows: Iterable[SummaryRow], now: datetime) -> tuple[ExchangeRate, ...]:
    """Return the rates that the rows of a summary give; one that cannot be read is left out."""
    rows = list(rows)
    bases = _bases(rows)
    found = []
    for row in rows:
        base = bases.get(row.account)
        if row.tag != RATE_TAG or row.currency in ("", TOGETHER) or base is None:
            continue
        rate = _positive(row.value)
        if rate is None:
            log.warning("exchange rate cannot be read", currency=row.currency, value=row.value)
            continue
        found.append(
            ExchangeRate(
                account=row.account,
                currency=row.currency,
                base_currency=base,
                rate=ONE if row.currency == base else rate,
                observed_at=now,
            )
        )
    return tuple(found)


def _bases(rows: Sequence[SummaryRow]) -> dict[str, str]:
    """Return the base currency of each account: its net liquidation's, else the only one at 1."""
    at_one: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.tag == RATE_TAG and row.currency != TOGETHER and _positive(row.value) == ONE:
            at_one[row.account].append(row.currency)
    bases = {account: names[0] for account, names in at_one.items() if len(names) == 1}
    named = {row.account: row.currency for row in rows if row.tag == BASE_TAG and row.currency}
    return bases | named


def _positive(text: str) -> Decimal | None:
    value = decimal_if_any(text)
    return value if value is not None and value > 0 else None
