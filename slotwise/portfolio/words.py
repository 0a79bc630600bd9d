"""Sentences about a portfolio: how old its positions are, and what its sums lack. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from slotwise.formatting import MONEY_PLACES, counted, money, short_duration
from slotwise.portfolio.changes import changes_words
from slotwise.portfolio.grouping import NO_CURRENCY, Group
from slotwise.portfolio.price import Freshness
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.sums import MEASURES, Amount, Sums
from slotwise.position import Unknown
from slotwise.rules.holdings_diff import Moved

#: What is not known, and the mark of a sum that lacks some holdings.
UNKNOWN = "?"
#: Positions are read again every 30 seconds (setting `poll_interval_s`); after three polls without
#: an answer they are pointed at.
POSITIONS_LATE_S = 90.0
#: Contracts without a price that are named; more than a person reads.
NAMED = 8
#: Words for ages, the best first.
ORDER: tuple[Freshness, ...] = ("fresh", "model", "late", "stale", "closed", "unknown")


def amount_words(amount: Amount, holdings: int, places: int = MONEY_PLACES) -> str | None:
    """Write a sum, with a question mark where it lacks some holdings; None where it lacks all."""
    known = amount.known(holdings)
    return None if known is None else money(known, places) + (UNKNOWN if amount.without else "")


def ages_words(rows: Sequence[PortfolioRow], at: datetime) -> str:
    """Count holdings by the age of their prices: `prices: 280 fresh, 7 late, 13 unknown`."""
    counts = Counter(row.freshness(at) for row in rows)
    named = [f"{counts[word]:,} {word}" for word in ORDER if counts[word]]
    return f"prices: {', '.join(named)}" if named else "nothing is held"


def notes(
    total: Group,
    at: datetime,
    *,
    positions_at: datetime | None,
    unknown: Mapping[str, Unknown],
    closed_today: int,
    changes: Sequence[Moved] = (),
    measures: Collection[str] = MEASURES,
) -> list[str]:
    """Return what the numbers lack, a sentence each; `measures` are those that are shown."""
    found = [one.of(account) for account, one in unknown.items()]
    if positions_at is not None:
        age = (at - positions_at).total_seconds()
        if age > POSITIONS_LATE_S:
            found.append(f"positions are {short_duration(age)} old: the gateway reads none")
    if changed := changes_words(changes):
        found.append(changed)
    unpriced = [row.contract for row in total.rows if row.price is None]
    if unpriced:
        more = f" and {len(unpriced) - NAMED:,} more" if len(unpriced) > NAMED else ""
        found.append(f"no price: {', '.join(unpriced[:NAMED])}{more}")
    late = sum(row.underlying_delayed for row in total.rows)
    if late and not {"dollar_delta", "gamma"}.isdisjoint(measures):
        found.append(f"$ delta of {counted(late, 'option')} by a delayed price of the underlying")
    assumed = sum(sums.day_assumed for sums in total.currencies)
    if assumed and "day_pnl" in measures:
        found.append(
            f"day P&L counts {counted(assumed, 'holding')} as held since the close before:"
            " the record begins today"
        )
    if closed_today and "day_pnl" in measures:
        found.append(
            f"closed today: {counted(closed_today, 'holding')}, and what was gained is in no sum"
        )
    found += [words for sums in total.bases if (words := _rates_words(sums, at))]
    baseless = sum(one.holdings for one in total.currencies) - sum(
        one.holdings for one in total.bases
    )
    if total.bases and baseless:
        found.append(
            f"{counted(baseless, 'holding')} of accounts whose base currency is unknown: in no sum"
            " of a base currency"
        )
    lacking = any(
        sums.amount(name).without for sums in (*total.currencies, *total.bases) for name in measures
    )
    if lacking:
        found.append("? behind a sum: it lacks holdings whose number is unknown")
    return found


def _rates_words(sums: Sums, at: datetime) -> str:
    words = []
    if sums.without_rate:
        names = [name or NO_CURRENCY for name in sums.without_rate]
        words.append(f"no rate of {', '.join(names)} to {sums.currency}")
    if sums.oldest_rate_at is not None:
        age = short_duration((at - sums.oldest_rate_at).total_seconds())
        words.append(f"rates to {sums.currency} up to {age} old")
    return "; ".join(words)
