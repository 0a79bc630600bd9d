"""The portfolio at the end of a day, or by now, as the report shows it."""

from __future__ import annotations

from datetime import timedelta

from slotwise.client.past import past_holdings
from slotwise.errors import NotKnownError
from slotwise.lake.store import Lake
from slotwise.portfolio.grouping import Group, portfolio
from slotwise.portfolio.sums import Sums
from slotwise.report.day import PortfolioLine, PortfolioOfDay
from slotwise.report.span import Span

#: Contracts that expire within this time are named.
EXPIRING = timedelta(days=7)


def portfolio_of_day(lake: Lake, span: Span) -> PortfolioOfDay:
    """Read and add up what was held when what is shown of the day ends; raises LakeError."""
    at = span.until
    try:
        holdings = past_holdings(lake, at)
    except NotKnownError:
        return PortfolioOfDay()
    by_strategy = portfolio(holdings.rows, holdings.rates, at, ("strategy",)).total
    by_underlying = portfolio(holdings.rows, holdings.rates, at, ("underlying",)).total
    first, last = (f"{day:%Y%m%d}" for day in (span.day, span.day + EXPIRING))
    rows = sorted(holdings.rows, key=lambda row: (row.expiry, row.contract))
    return PortfolioOfDay(
        at=at,
        totals=_lines("all", by_strategy, span),
        strategies=_groups(by_strategy, span),
        underlyings=_groups(by_underlying, span),
        unpriced=tuple(row.contract for row in rows if row.price is None),
        late=tuple(row.contract for row in rows if row.freshness(at) == "stale"),
        expiring=tuple(row.contract for row in rows if first <= row.expiry <= last),
        closed_today=holdings.closed_today,
    )


def _groups(total: Group, span: Span) -> tuple[PortfolioLine, ...]:
    return tuple(line for group in total.groups for line in _lines(group.path[-1], group, span))


def _lines(name: str, group: Group, span: Span) -> tuple[PortfolioLine, ...]:
    """Return a line for each currency, and for each base currency where there are several."""
    sums = group.currencies
    if len(sums) > 1 or (group.bases and group.bases[0].currency != sums[0].currency):
        sums = (*sums, *group.bases)
    return tuple(_line(name, one, span) for one in sums)


def _line(name: str, sums: Sums, span: Span) -> PortfolioLine:
    oldest = sums.oldest_price_at
    return PortfolioLine(
        name=name,
        currency=f"in {sums.currency}" if sums.is_base else sums.currency,
        holdings=sums.holdings,
        priced=sums.priced,
        oldest_s=None if oldest is None else (span.until - oldest).total_seconds(),
        market_value=sums.market_value,
        day_pnl=sums.day_pnl,
        unrealized_pnl=sums.unrealized_pnl,
        dollar_delta=sums.dollar_delta,
    )
