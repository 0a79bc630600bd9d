"""Marks of any quotes at any times: nothing of later, honest ages, what is unknown stays so."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.observation import Observation
from tests.unit.slotwise.rules.marks.holdings import (
    STOCK,
    marks_of,
    new_book,
    quote_of,
    spot_of,
)

OBSERVATIONS = st.lists(
    st.one_of(
        st.builds(spot_of, st.floats(0.0, 900.0), st.floats(97.0, 103.0)),
        st.builds(
            quote_of,
            st.integers(0, 3),
            st.floats(0.0, 900.0),
            st.floats(97.0, 103.0),
            iv=st.floats(0.15, 0.3),
            with_greeks=st.booleans(),
        ),
        st.builds(
            lambda at_s, bid, width: Observation(
                con_id=STOCK, at_s=at_s, origin="quote", bid=bid, ask=bid + width
            ),
            st.floats(0.0, 900.0),
            st.floats(20.0, 21.0),
            st.floats(-0.05, 0.1),
        ),
    ),
    max_size=30,
)


@given(observations=OBSERVATIONS, at_s=st.floats(0.0, 900.0))
def test_a_mark_uses_nothing_that_was_observed_after_it(
    observations: list[Observation], at_s: float
) -> None:
    all_of_them, by_then = new_book(), new_book()
    for seen in observations:
        all_of_them.observe(seen)
        if seen.at_s <= at_s:
            by_then.observe(seen)
    marks = all_of_them.marks(at_s)
    assert marks == by_then.marks(at_s)
    for mark in marks:
        for part in (mark.quoted_at_s, mark.greeks_at_s, mark.underlying_at_s):
            assert part is None or part <= at_s


@given(observations=OBSERVATIONS, pauses=st.lists(st.floats(0.0, 600.0), max_size=8))
def test_age_and_band_grow_until_the_next_quote(
    observations: list[Observation], pauses: list[float]
) -> None:
    book = new_book()
    for seen in observations:
        book.observe(seen)
    now_s = 0.0
    before: dict[int, Mark] = {}
    for pause_s in pauses:
        now_s += pause_s
        marks = marks_of(book, now_s)
        for con_id, mark in marks.items():
            earlier = before.get(con_id)
            if earlier is None or earlier.quoted_at_s is None:
                continue
            if mark.quoted_at_s == earlier.quoted_at_s:
                assert mark.age_s is not None
                assert earlier.age_s is not None
                assert mark.age_s >= earlier.age_s
                assert mark.band is not None
                assert earlier.band is not None
                assert mark.band >= earlier.band
        before = marks


@given(observations=OBSERVATIONS, at_s=st.floats(0.0, 900.0))
def test_what_was_never_seen_stays_unknown(observations: list[Observation], at_s: float) -> None:
    book = new_book()
    for seen in observations:
        if seen.con_id != STOCK:
            book.observe(seen)
    mark = marks_of(book, at_s)[STOCK]
    assert mark == Mark(STOCK, at_s)
    assert mark.source == "none"


@given(observations=OBSERVATIONS, at_s=st.floats(0.0, 900.0))
def test_every_contract_has_one_mark_and_a_value_comes_with_its_band(
    observations: list[Observation], at_s: float
) -> None:
    book = new_book()
    for seen in observations:
        book.observe(seen)
    marks = book.marks(at_s)
    assert sorted(mark.con_id for mark in marks) == [10, 11, 12, 13, STOCK]
    for mark in marks:
        assert (mark.value is None) == (mark.band is None) == (mark.source == "none")
        assert mark.band is None or mark.band >= 0.0


@settings(max_examples=5, deadline=None)
@given(volatility=st.floats(0.05, 1.0), width=st.floats(0.005, 0.2), seed=st.integers(0, 99))
def test_bands_of_stocks_hold_what_they_promise_whatever_the_volatility(
    volatility: float, width: float, seed: int
) -> None:
    rng, book, inside, count = random.Random(seed), new_book(), 0, 0
    at_s, value = 0.0, 100.0
    for turn in range(3000):
        mark = marks_of(book, at_s)[STOCK]
        shown = value + rng.gauss(0.0, width / 3)
        if turn >= 500 and mark.value is not None and mark.band is not None:
            count += 1
            inside += abs(shown - mark.value) <= mark.band
        book.observe(
            Observation(
                con_id=STOCK, at_s=at_s, origin="quote", bid=shown - width, ask=shown + width
            )
        )
        pause_s = rng.uniform(10.0, 60.0)
        at_s += pause_s
        value *= 1.0 + volatility * (pause_s / 5.9e6) ** 0.5 * rng.gauss(0.0, 1.0)
    assert 0.93 <= inside / count <= 0.97
