"""The portfolio of the past, from the lake."""

from __future__ import annotations

from datetime import UTC, datetime

from slotwise.client.holdings import Holdings
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.contract_facts import contract_facts
from slotwise.lake.known import check_empty_answer, check_moment
from slotwise.lake.openings import openings_of_day
from slotwise.lake.past_quotes import quotes_as_of
from slotwise.lake.rates import rates_as_of
from slotwise.lake.store import Lake
from slotwise.lake.strategies_as_of import quantities_as_of, strategies_as_of
from slotwise.portfolio.build import portfolio_rows
from slotwise.portfolio.changes import changes_of_day
from slotwise.portfolio.past import past_price, position_of
from slotwise.portfolio.price import price_of


def past_holdings(lake: Lake, at: datetime, known_at: datetime | None = None) -> Holdings:
    """Read what was held at `at`, as known by `known_at`, and value it with prices of that time.

    Raises NotKnownError for a moment that the lake cannot know, and LakeError.
    """
    check_moment(at, datetime.now(UTC))
    held = positions_as_of(lake, at, known_at).to_pylist()
    if not held:
        check_empty_answer(lake, at, None)
    quotes = quotes_as_of(lake, at, known_at)
    facts = contract_facts(lake)
    openings = openings_of_day(lake, at, known_at)
    rates = rates_as_of(lake, at, known_at)
    prices = {con_id: price_of(quote) for con_id, quote in quotes.items()}
    prices |= {row["con_id"]: past_price(row, quotes.get(row["con_id"]), at) for row in held}
    positions = [position_of(row) for row in held]
    rows = portfolio_rows(
        positions,
        prices,
        at=at,
        underlying_of=facts.underlying,
        quotation_of=facts.quotation,
        rates=rates,
        closed_since=facts.closed_since,
        strategies=strategies_as_of(lake, at),
        quantities=quantities_as_of(lake, at),
        openings=openings,
    )
    keys = {row.key for row in rows}
    return Holdings(
        at=at,
        rows=tuple(rows),
        rates=rates,
        closed_today=len(openings.open_keys() - keys),
        changes=changes_of_day(openings, rows),
    )
