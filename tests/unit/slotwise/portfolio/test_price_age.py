"""Words for the age of a price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from slotwise.portfolio.price import FRESH_S, LATE_S, Freshness, exact, freshness, price_of
from tests.support.values import at, quote


def word(age: float = 1.0, closed_s: float | None = None, **changes: Any) -> Freshness:
    facts: dict[str, Any] = {"value": Decimal(5), "source": "mid", "delayed": False} | changes
    closed = None if closed_s is None else at(-closed_s)
    return freshness(observed_at=at(-age), at=at(0), closed_since=closed, **facts)


def test_a_price_is_fresh_then_late_then_stale() -> None:
    ages = (0, FRESH_S, FRESH_S + 1, LATE_S, LATE_S + 1)
    assert [word(age) for age in ages] == ["fresh", "fresh", "late", "late", "stale"]


@pytest.mark.parametrize("source", ["last", "bar"])
def test_a_trade_of_unknown_time_is_never_fresh(source: str) -> None:
    assert word(0, source=source) == "late"


def test_a_delayed_price_is_never_fresh() -> None:
    assert word(0, delayed=True) == "late"


def test_the_previous_close_is_stale_while_the_market_may_be_open() -> None:
    assert word(0, source="close") == "stale"
    assert word(0, source="close", closed_s=3600) == "closed"


def test_a_price_of_the_last_session_is_closed_and_an_older_one_stale() -> None:
    assert word(3600, closed_s=3600) == "closed"
    assert word(3600 + LATE_S + 1, closed_s=3600) == "stale"


def test_without_a_price_the_age_is_unknown() -> None:
    assert word(0, value=None) == "unknown"


def test_a_price_from_a_clock_ahead_is_fresh() -> None:
    assert word(-3) == "fresh"


def test_a_quote_without_numbers_is_a_price_without_numbers() -> None:
    made = price_of(quote(1, delta=float("nan"), vega=0.125))
    assert (made.value, made.delta, made.vega) == (None, None, Decimal("0.125"))
    assert exact(float("inf")) is None
