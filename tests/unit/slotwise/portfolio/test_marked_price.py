"""A mark prices a holding where its quote says no more than the mark was made from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.portfolio.marked_price import exactly, marked_price
from slotwise.portfolio.price import (
    FRESH_S,
    LATE_S,
    MODEL_S,
    NO_PRICE,
    Freshness,
    Price,
    freshness,
    price_of,
)
from slotwise.rules.marks.marked import Marked
from tests.support.values import at, quote

QUOTED = price_of(quote(1, bid="2.40", ask="2.60", close="2.2", delta=0.5))


def mark(source: str = "model", quoted_s: float | None = 0.0, **changes: Any) -> Marked:
    values = {"value": 2.71234567, "band": 0.0444, "underlying_at": at(59)} | changes
    quoted_at = None if quoted_s is None else at(quoted_s)
    return Marked(con_id=1, at=at(60), source=source, quoted_at=quoted_at, **values)  # type: ignore[arg-type]


def test_a_mark_by_the_model_gives_price_band_and_both_ages() -> None:
    found = marked_price(QUOTED, mark())
    assert (found.value, found.source) == (Decimal("2.712"), "model")
    assert (found.band, found.observed_at, found.moved_at) == (Decimal("0.044"), at(0), at(59))
    assert (found.close, found.delta) == (QUOTED.close, QUOTED.delta)


@pytest.mark.parametrize("source", ["stream", "quote"])
def test_a_mark_of_a_quote_leaves_its_price_exact(source: str) -> None:
    found = marked_price(QUOTED, mark(source, value=2.5000001))
    assert (found.value, found.source, found.band) == (Decimal("2.5"), "mid", Decimal("0.044"))


def test_a_quote_that_was_kept_stays_exact_however_wide_its_band() -> None:
    yen = price_of(quote(1, bid="0.0064500", ask="0.0064510"))
    found = marked_price(yen, mark("kept", value=0.0064505, band=0.00068))
    assert (found.value, found.source) == (Decimal("0.0064505"), "kept")


def test_a_quote_that_the_mark_has_not_seen_counts_for_itself() -> None:
    newer = price_of(quote(1, bid=3, ask=4, observed_at=at(58)))
    assert marked_price(newer, mark()) == newer
    assert marked_price(newer, mark("neighbours", None)) == newer


def test_a_newer_quote_without_a_price_changes_nothing() -> None:
    empty = price_of(quote(1, observed_at=at(58)))
    assert marked_price(empty, mark()).source == "model"


def test_what_was_never_quoted_has_the_age_of_its_oldest_neighbour() -> None:
    found = marked_price(NO_PRICE, mark("neighbours", None, greeks_at=at(7)))
    assert (found.source, found.observed_at) == ("neighbours", at(7))


def test_an_unknown_mark_is_no_price() -> None:
    assert marked_price(NO_PRICE, mark("none", None, value=None, band=None)) == NO_PRICE
    assert marked_price(QUOTED, mark("none", None, value=None, band=None)) == QUOTED


def word(price: Price, seconds: float, closed_s: float | None = None) -> Freshness:
    return freshness(
        value=price.value,
        source=price.source,
        observed_at=price.observed_at,
        delayed=price.delayed,
        at=at(seconds),
        closed_since=None if closed_s is None else at(closed_s),
        moved_at=price.moved_at,
    )


def test_a_price_by_the_model_is_as_old_as_the_underlying_it_was_moved_by() -> None:
    price = marked_price(QUOTED, mark())
    assert word(price, 60) == "model"
    assert word(price, 60 + FRESH_S) == "late"
    assert word(price, 600) == "stale"
    assert word(price, 600, closed_s=100) == "closed"


def test_a_quote_that_is_too_old_to_be_moved_is_stale_whatever_its_underlying_does() -> None:
    moved_s = MODEL_S + 10
    price = marked_price(QUOTED, mark(underlying_at=at(moved_s)))
    assert word(price, moved_s) == "stale"


def test_a_quote_that_nothing_moves_is_as_fresh_as_its_own_age() -> None:
    price = marked_price(NO_PRICE, mark("kept", 59))
    assert word(price, 60) == "fresh"
    assert word(price, 59 + FRESH_S + 1) == "late"
    assert word(price, 59 + LATE_S + 1) == "stale"


def test_a_price_by_neighbours_is_late_at_best() -> None:
    assert word(marked_price(NO_PRICE, mark("neighbours", 59)), 60) == "late"


@given(st.floats(-1e6, 1e6), st.floats(0, 1e5))
def test_a_price_has_the_digits_that_its_band_is_worth(value: float, band: float) -> None:
    found = exactly(value, band)
    assert abs(float(found) - value) <= max(band / 20, 1.0 if band >= 20 else 5e-9) + 1e-9 * abs(
        value
    )


def test_a_price_is_delayed_where_its_quote_or_its_mark_is() -> None:
    assert not marked_price(QUOTED, mark()).delayed
    assert marked_price(NO_PRICE, mark("neighbours", None, delayed=True)).delayed
    late = price_of(quote(1, bid="2.40", ask="2.60", delayed=True))
    assert marked_price(late, mark()).delayed
