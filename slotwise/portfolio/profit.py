"""What rows of one account have gained, in its base currency, and how far that may be off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from slotwise.contract import Contract, PositionKey
from slotwise.exchange_rates import Rates
from slotwise.portfolio.row import PortfolioRow
from slotwise.precision import EXACT
from slotwise.rules.profit_witness import OurProfit
from slotwise.rules.valuation import money

NOTHING = Decimal(0)


def our_profit(
    rows: Iterable[PortfolioRow], contracts: Mapping[PositionKey, Contract], rates: Rates
) -> OurProfit | None:
    """Add rows of one account up; None where its base currency is unknown.

    A sum of which a part is unknown is unknown, with the number of holdings it lacks.
    """
    currency = ""
    sums = {"day_pnl": NOTHING, "unrealized_pnl": NOTHING}
    lacking = dict.fromkeys(sums, 0)
    bands = held = NOTHING
    for row in rows:
        currency = currency or rates.base_of(row.account) or ""
        for measure in sums:
            gained = _in_base(row, getattr(row, measure), rates)
            if gained is None:
                lacking[measure] += 1
            else:
                sums[measure] = EXACT.add(sums[measure], gained)
        band = money(contracts[row.key], abs(row.quantity), row.band)
        bands += abs(_in_base(row, band, rates) or NOTHING)
        held += abs(_in_base(row, row.market_value, rates) or NOTHING)
    if not currency:
        return None
    return OurProfit(
        currency=currency,
        daily=None if lacking["day_pnl"] else sums["day_pnl"],
        unrealized=None if lacking["unrealized_pnl"] else sums["unrealized_pnl"],
        band=bands,
        held=held,
        lacking_daily=lacking["day_pnl"],
        lacking_unrealized=lacking["unrealized_pnl"],
    )


def _in_base(row: PortfolioRow, amount: Decimal | None, rates: Rates) -> Decimal | None:
    return None if amount is None else rates.in_base(row.account, row.currency, amount)
