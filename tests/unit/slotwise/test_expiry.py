"""A contract has expired once the last session of its last day is over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.rules.expiry import expired_words, is_over, last_day_of
from tests.support.values import contract, option


@pytest.mark.parametrize(
    ("expiry", "at", "words"),
    [
        ("20261120", datetime(2026, 11, 20, 21, 59, tzinfo=UTC), ""),
        ("20261120", datetime(2026, 11, 20, 22, 0, tzinfo=UTC), "expired on 2026-11-20"),
        ("202611", datetime(2027, 1, 1, tzinfo=UTC), ""),
        ("", datetime(2027, 1, 1, tzinfo=UTC), ""),
        ("20269999", datetime(2027, 1, 1, tzinfo=UTC), ""),
    ],
)
def test_what_is_over_is_named_with_its_day(expiry: str, at: datetime, words: str) -> None:
    """Five in the afternoon in New York, where its hours are not known."""
    assert expired_words(option(1, expiry=expiry), at) == words
    assert is_over(option(1, expiry=expiry), None, at) == bool(words)
    assert expired_words(contract(1), at) == ""


@given(
    st.text("0123456789- ", max_size=10), st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1))
)
def test_any_expiry_is_a_day_of_eight_digits_or_none(text: str, at: datetime) -> None:
    day = last_day_of(option(1, expiry=text))
    assert day is None or f"{day:%Y%m%d}" == text
    assert bool(expired_words(option(1, expiry=text), at.replace(tzinfo=UTC))) <= (day is not None)
