"""Marks of a book: what they use, how they age, what stays unknown, and that bands hold."""

from __future__ import annotations

import gc
import time

import msgspec
import pytest

from slotwise.rules.marks.black76 import price
from slotwise.rules.marks.book import MarkBook
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.observation import Observation
from tests.unit.slotwise.rules.marks.holdings import (
    EXPIRES_AT_S,
    STOCK,
    UNDERLYING,
    YEAR_S,
    instruments,
    marks_of,
    new_book,
    quote_of,
    spot_of,
)


def test_marks_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Mark(1, 0.0).value = 3.0  # type: ignore[misc]  # that is what must fail
    assert msgspec.structs.fields(Mark)


def test_a_fresh_quote_is_the_middle_of_its_market() -> None:
    book = new_book()
    book.observe(spot_of(0.0, 100.0))
    quote = quote_of(1, 1.0, 100.0)
    book.observe(quote)
    mark = marks_of(book, 1.5)[11]
    assert mark.source == "quote"
    assert mark.value == pytest.approx(quote.middle, abs=0.001)


def test_a_mark_follows_the_underlying_by_the_greeks_of_its_last_quote() -> None:
    book = new_book()
    book.observe(spot_of(0.0, 100.0))
    quote = quote_of(1, 1.0, 100.0)
    book.observe(quote)
    book.observe(spot_of(61.0, 100.5))
    mark = marks_of(book, 61.0)[11]
    years = (EXPIRES_AT_S - 61.0) / YEAR_S
    assert mark.source == "model"
    assert mark.value == pytest.approx(price(100.5, 100.0, years, 0.2, call=True), abs=0.002)
    assert (mark.age_s, mark.greeks_age_s, mark.underlying_age_s) == (60.0, 60.0, 0.0)


def test_an_option_is_kept_while_its_underlying_is_not_seen_and_its_band_says_so() -> None:
    book = new_book()
    book.observe(spot_of(0.0, 100.0))
    book.observe(quote_of(1, 1.0, 100.0))
    soon, late = marks_of(book, 5.0)[11], marks_of(book, 600.0)[11]
    assert late.source == "kept"
    assert late.band is not None
    assert soon.band is not None
    assert late.band > 3 * soon.band


def test_a_computation_of_another_option_shows_the_underlying() -> None:
    book = new_book()
    book.observe(quote_of(1, 0.0, 100.0))
    book.observe(quote_of(2, 60.0, 101.0))
    mark = marks_of(book, 60.0)[11]
    years = (EXPIRES_AT_S - 60.0) / YEAR_S
    assert mark.source == "model"
    assert mark.value == pytest.approx(price(101.0, 100.0, years, 0.2, call=True), abs=0.01)


def test_a_quote_without_greeks_gets_computed_ones() -> None:
    book = new_book()
    book.observe(spot_of(1.0, 100.0))
    book.observe(quote_of(1, 1.0, 100.0, with_greeks=False))
    book.observe(spot_of(61.0, 100.5))
    mark = marks_of(book, 61.0)[11]
    years = (EXPIRES_AT_S - 61.0) / YEAR_S
    assert mark.value == pytest.approx(price(100.5, 100.0, years, 0.2, call=True), abs=0.002)


def test_a_contract_without_a_quote_is_marked_by_its_neighbours() -> None:
    book = new_book()
    book.observe(spot_of(0.0, 100.0))
    book.observe(quote_of(0, 1.0, 100.0))
    book.observe(quote_of(2, 1.0, 100.0))
    marks = marks_of(book, 2.0)
    years = (EXPIRES_AT_S - 2.0) / YEAR_S
    assert marks[11].source == "neighbours"
    assert marks[11].quoted_at_s is None
    assert marks[11].value == pytest.approx(price(100.0, 100.0, years, 0.2, call=True), abs=0.01)
    assert marks[11].band is not None
    quoted = marks[10].band
    assert quoted is not None
    assert marks[11].band > quoted


def test_a_stream_is_shown_as_it_is_until_it_ends() -> None:
    book = new_book()
    book.observe(Observation(con_id=STOCK, at_s=0.0, origin="stream", bid=20.0, ask=20.02))
    assert marks_of(book, 300.0)[STOCK].source == "stream"
    book.end_stream(STOCK)
    assert marks_of(book, 301.0)[STOCK].source == "kept"


def test_a_line_that_shows_no_market_any_more_ages() -> None:
    """After the close a line shows no sides: its last price is not the market's of now."""
    book = new_book()
    book.observe(Observation(con_id=STOCK, at_s=0.0, origin="stream", bid=20.0, ask=20.02))
    book.observe(Observation(con_id=STOCK, at_s=60.0, origin="stream", last=20.0))
    assert marks_of(book, 300.0)[STOCK].source == "kept"


def test_lines_that_are_gone_are_streams_no_more() -> None:
    book = new_book()
    for con_id in (10, STOCK):
        book.observe(Observation(con_id=con_id, at_s=0.0, origin="stream", bid=20.0, ask=20.02))
    book.marks(0.0)
    book.keep_streams({10})
    marks = marks_of(book, 60.0)
    assert [marks[con_id].source for con_id in (10, STOCK)] == ["stream", "kept"]


def test_a_contract_keeps_its_quote_whatever_is_learnt_around_it() -> None:
    """Its tick, its volatility, the hour of its last session: with that it ends."""
    book = new_book()
    book.observe(spot_of(0.0, 100.0))
    book.observe(quote_of(1, 1.0, 100.0))
    before = marks_of(book, 60.0)
    changed = [
        msgspec.structs.replace(one, tick=0.05, volatility=0.5, expires_at_s=None)
        if one.con_id == STOCK
        else msgspec.structs.replace(one, tick=0.05, expires_at_s=3600.0)
        for one in instruments()
    ]
    book.want(changed)
    assert marks_of(book, 60.0)[11] == before[11]
    assert marks_of(book, 3600.0)[11].source == "none"


def test_a_contract_that_turns_out_to_be_another_waits_for_its_next_quote() -> None:
    book = new_book()
    book.observe(spot_of(0.0, 100.0))
    book.observe(quote_of(1, 1.0, 100.0))
    book.marks(1.0)
    assert not book.lacks_quote(11)
    book.want(
        msgspec.structs.replace(one, strike=101.0) if one.con_id == 11 else one
        for one in instruments()
    )
    assert book.lacks_quote(11)
    assert not book.lacks_quote(99), "it is not marked"


def test_a_shut_market_is_marked_by_its_close() -> None:
    book = new_book()
    book.observe(Observation(con_id=STOCK, at_s=0.0, origin="close", last=20.0))
    mark = marks_of(book, 3600.0)[STOCK]
    assert (mark.source, mark.value, mark.age_s) == ("close", 20.0, 3600.0)


def test_after_a_restart_the_band_grows_with_the_age_of_the_quote_in_the_lake() -> None:
    bands = []
    for age_s in (60.0, 3600.0, 86_400.0):
        book = new_book()
        book.observe(Observation(con_id=STOCK, at_s=-age_s, origin="lake", bid=20.0, ask=20.02))
        mark = marks_of(book, 0.0)[STOCK]
        assert mark.source == "kept"
        assert mark.band is not None
        bands.append(mark.band)
    assert bands == sorted(bands)
    assert bands[2] > 4 * bands[1]


def test_an_option_in_the_lake_moves_from_the_underlying_that_its_own_quote_names() -> None:
    book = new_book()
    old = msgspec.structs.replace(quote_of(1, 0.0, 100.0), origin="lake")
    book.observe(old)
    book.observe(spot_of(3600.0, 101.0))
    mark = marks_of(book, 3600.0)[11]
    years = (EXPIRES_AT_S - 3600.0) / YEAR_S
    assert mark.value == pytest.approx(price(101.0, 100.0, years, 0.2, call=True), abs=0.02)


def test_a_crossed_or_one_sided_market_does_not_replace_a_quote() -> None:
    book = new_book()
    book.observe(Observation(con_id=STOCK, at_s=0.0, origin="quote", bid=20.0, ask=20.02))
    book.observe(Observation(con_id=STOCK, at_s=9.0, origin="quote", bid=21.0, ask=20.0))
    book.observe(Observation(con_id=STOCK, at_s=9.0, origin="quote", ask=25.0, last=3.0))
    mark = marks_of(book, 10.0)[STOCK]
    assert mark.value == pytest.approx(20.01)
    assert mark.age_s == 10.0


def test_an_expired_option_is_unknown() -> None:
    book = new_book()
    book.observe(spot_of(0.0, 100.0))
    book.observe(quote_of(1, 1.0, 100.0))
    assert marks_of(book, EXPIRES_AT_S)[11].source == "none"


def test_marks_of_an_earlier_time_are_refused() -> None:
    book = new_book()
    book.marks(10.0)
    with pytest.raises(ValueError, match="asked for"):
        book.marks(9.0)


def test_first_quotes_take_time_in_proportion_to_how_many_they_are() -> None:
    """Each is a neighbour of all others of its expiry; its volatility is searched once."""

    def took_s(count: int) -> float:
        book = MarkBook()
        strikes = [60.0 + 80.0 * number / count for number in range(count)]
        book.want(
            Instrument(
                con_id=10 + number, underlying=UNDERLYING, strike=strike, call=True,
                expires_at_s=EXPIRES_AT_S,
            )
            for number, strike in enumerate(strikes)
        )  # fmt: skip
        book.observe(spot_of(0.0, 100.0))
        for number, strike in enumerate(strikes):
            middle = price(100.0, strike, EXPIRES_AT_S / YEAR_S, 0.2, call=True)
            book.observe(
                Observation(
                    con_id=10 + number, at_s=1.0, origin="quote", bid=middle - 0.01,
                    ask=middle + 0.01,
                )
            )  # fmt: skip
        # A collection goes through all that earlier tests left, and comes with many quotes only.
        gc.disable()
        try:
            began = time.process_time()
            book.marks(1.0)
            return time.process_time() - began
        finally:
            gc.enable()

    few, many = (min(took_s(count) for _ in range(3)) for count in (50, 400))
    assert many < 8 * 5 * few


def test_a_price_that_repeats_for_minutes_is_seen_and_then_that_of_a_shut_market() -> None:
    """An index or a thin future without sides: its bands are those of what was seen."""

    def band(repeats: list[float], at_s: float) -> float:
        book = new_book()
        for seen_at_s in (0.0, *repeats):
            book.observe(Observation(con_id=UNDERLYING, at_s=seen_at_s, origin="quote", last=100.0))
        book.observe(quote_of(1, 1.0, 100.0))
        found = marks_of(book, at_s)[11].band
        assert found is not None
        return found

    assert band([60.0, 120.0], 120.0) < band([60.0], 120.0)
    assert band([60.0 * n for n in range(20)], 1_140.0) > 3 * band([60.0, 120.0], 120.0)


def test_a_quote_made_while_the_underlying_is_not_seen_has_a_wider_band() -> None:
    """Where the step of the option begins is not known exactly."""

    def band(quoted_at_s: float) -> float:
        book = new_book()
        book.observe(spot_of(0.0, 100.0))
        book.observe(
            msgspec.structs.replace(quote_of(1, quoted_at_s, 100.0), underlying_price=None)
        )
        book.observe(spot_of(400.0, 100.0))
        found = marks_of(book, 400.0)[11].band
        assert found is not None
        return found

    assert band(300.0) > 2 * band(0.5)
