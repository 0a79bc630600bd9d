"""Quotes become observations: plain numbers, and only what is there."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from slotwise.quote import Quote
from slotwise.rules.marks.observation import observed

AT = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)


def test_a_quote_becomes_an_observation_with_vega_for_a_whole_volatility() -> None:
    quote = Quote(
        con_id=7, observed_at=AT, source="snapshot", bid=Decimal("1.1"), ask=Decimal("1.3"),
        iv=0.2, delta=0.5, gamma=0.01, vega=0.12, theta=-0.03, underlying_price=Decimal("101.5"),
    )  # fmt: skip
    seen = observed(quote)
    assert seen.greeks is not None
    assert seen.greeks.vega == 12.0
    assert (seen.origin, seen.at_s, seen.underlying_price) == ("quote", AT.timestamp(), 101.5)
    assert seen.middle == pytest.approx(1.2)


def test_greeks_that_are_not_whole_are_none() -> None:
    quote = Quote(con_id=7, observed_at=AT, source="stream", iv=0.2, delta=0.5)
    assert observed(quote).greeks is None


def test_numbers_that_are_none_stay_none() -> None:
    quote = Quote(con_id=7, observed_at=AT, source="stream", bid=Decimal("NaN"),
                  underlying_price=Decimal("inf"))  # fmt: skip
    seen = observed(quote)
    assert (seen.bid, seen.middle, seen.underlying_price) == (None, None, None)


def test_an_observation_of_a_delayed_feed_says_so() -> None:
    quote = Quote(con_id=7, observed_at=AT, source="stream", bid=Decimal(1), delayed=True)
    assert observed(quote).delayed
    assert not observed(msgspec.structs.replace(quote, delayed=False)).delayed
