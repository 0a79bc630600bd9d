"""Holdings for tests of pages: any that hypothesis draws, and one that a test names."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from slotwise.client.holdings import Holdings
from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.portfolio.price import Price
from slotwise.portfolio.row import PortfolioRow, portfolio_row
from slotwise.portfolio.underlying import Underlying
from tests.support.values import NOON, at, position
from tests.unit.slotwise.portfolio.any_holdings import Case, cases

RATES = Rates(
    [
        ExchangeRate(
            account=account,
            currency=currency,
            base_currency="USD",
            rate=Decimal(rate),
            observed_at=at(-60),
        )
        for account in ("DU1", "DU2")
        for currency, rate in (("USD", "1"), ("GBP", "1.25"))
    ]
)


def row_of(case: Case) -> PortfolioRow:
    return portfolio_row(
        case.position,
        case.price,
        underlying=None if case.underlying is None else Underlying(case.underlying),
        opening=case.opening,
        strategies=case.strategies,
    )


def row(
    con_id: int = 1, value: str | None = "10", age_s: float = 1, **changes: Any
) -> PortfolioRow:
    """Make a holding of 10 shares with a price so old at noon."""
    price = Price(
        value=None if value is None else Decimal(value),
        source="none" if value is None else "mid",
        observed_at=at(-age_s),
    )
    made = portfolio_row(position(con_id), price)
    return msgspec.structs.replace(made, **changes)


def holdings(*rows: PortfolioRow, when: datetime = NOON) -> Holdings:
    return Holdings(at=when, rows=rows, rates=RATES, positions_at=at(-5))


#: Holdings of which no two are of the same contract and account.
any_holdings: st.SearchStrategy[Holdings] = st.lists(
    cases().map(row_of), max_size=8, unique_by=lambda one: one.key
).map(lambda rows: holdings(*rows))
