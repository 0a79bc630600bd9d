"""Marks follow an underlying in the unit of the option's computations, and by its own feed."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.rules.marks.book import MarkBook
from slotwise.rules.marks.observation import Observation
from tests.unit.slotwise.rules.marks.holdings import (
    EXPIRES_AT_S,
    STOCK,
    UNDERLYING,
    instruments,
    marks_of,
    new_book,
    quote_of,
    spot_of,
)

CALL = 11


def in_pence(seen: Observation, factor: float = 100.0) -> Observation:
    """Quote the underlying in another unit than its options."""
    assert seen.bid is not None
    assert seen.ask is not None
    return msgspec.structs.replace(seen, bid=seen.bid * factor, ask=seen.ask * factor)


def late(seen: Observation) -> Observation:
    return msgspec.structs.replace(seen, delayed=True)


def unnamed(seen: Observation) -> Observation:
    """Leave out the underlying's price that a computation came with."""
    return msgspec.structs.replace(seen, underlying_price=None)


def book_of(*observations: Observation) -> MarkBook:
    book = new_book()
    for seen in observations:
        book.observe(seen)
    return book


def value(book: MarkBook, at_s: float, con_id: int = CALL) -> float:
    found = marks_of(book, at_s)[con_id].value
    assert found is not None
    return found


@pytest.mark.parametrize("factor", [100.0, 0.01])
@pytest.mark.parametrize("market_first", [True, False])
def test_an_underlying_quoted_in_pence_moves_its_option_in_pounds(
    factor: float, market_first: bool
) -> None:
    same = book_of(spot_of(0.0, 100.0), quote_of(1, 1.0, 100.0), spot_of(61.0, 100.5))
    market_s = 0.0 if market_first else 2.0
    other = book_of(
        in_pence(spot_of(market_s, 100.0), factor),
        quote_of(1, 1.0, 100.0),
        in_pence(spot_of(61.0, 100.5), factor),
    )
    assert value(other, 61.0) == pytest.approx(value(same, 61.0), abs=1e-9)
    assert marks_of(other, 61.0)[CALL].source == "model"


@given(
    moves=st.lists(st.floats(99.0, 101.0), min_size=1, max_size=6),
    factor=st.sampled_from((100.0, 0.01)),
    recalled=st.booleans(),
    market_first=st.booleans(),
)
def test_the_unit_in_which_an_underlying_is_quoted_changes_no_mark(
    moves: list[float], factor: float, recalled: bool, market_first: bool
) -> None:
    """Of quoted options, by quotes of now or of before a start, and of those by neighbours."""
    same, other = new_book(), new_book()
    if market_first:
        same.observe(spot_of(0.0, 100.0))
        other.observe(in_pence(spot_of(0.0, 100.0), factor))
    for number in (0, 2, 3):
        quote = quote_of(number, 1.0, 100.0)
        if recalled:
            quote = msgspec.structs.replace(quote, origin="lake")
        same.observe(quote)
        other.observe(quote)
    for place, price in enumerate(moves):
        seen = spot_of(10.0 * place + 10.0, price)
        same.observe(seen)
        other.observe(in_pence(seen, factor))
        at_s = seen.at_s + 1.0
        for one, two in zip(same.marks(at_s), other.marks(at_s), strict=True):
            assert one.source == two.source
            assert two.value == (None if one.value is None else pytest.approx(one.value, abs=1e-9))
            assert two.band == (None if one.band is None else pytest.approx(one.band, rel=1e-9))


def test_a_quote_from_before_the_unit_was_known_is_not_moved_by_another_one() -> None:
    """A computation shows pounds; what began at the price in pence is kept until its next quote."""
    book = book_of(in_pence(spot_of(0.0, 100.0)), unnamed(quote_of(1, 1.0, 100.0)))
    book.marks(1.0)
    book.observe(quote_of(2, 2.0, 100.0))
    assert marks_of(book, 60.0)[CALL].source == "kept"
    book.observe(quote_of(1, 61.0, 100.0))
    book.observe(in_pence(spot_of(90.0, 100.5)))
    assert marks_of(book, 90.0)[CALL].source == "model"


def test_neighbours_of_before_the_unit_was_known_mark_no_contract_after_it() -> None:
    """Also of another expiry than the option whose computation shows the unit."""
    later = [
        msgspec.structs.replace(
            one, con_id=one.con_id + 10, call=False, expires_at_s=2 * EXPIRES_AT_S
        )
        for one in instruments()
        if one.underlying is not None
    ]
    book = MarkBook()
    book.want([*instruments(), *later])
    book.observe(in_pence(spot_of(0.0, 100.0)))
    # Puts: of a call no volatility explains a price that is below what it pays at once.
    for number in (1, 2):
        seen = quote_of(number, 1.0, 100.0, with_greeks=False)
        book.observe(msgspec.structs.replace(seen, con_id=seen.con_id + 10))
    unquoted = 20
    assert marks_of(book, 2.0)[unquoted].value is not None
    book.observe(quote_of(1, 3.0, 100.0))
    assert marks_of(book, 4.0)[unquoted].value is None


def test_computations_in_two_units_do_not_move_each_other() -> None:
    """Without a market of the underlying a hundredfold is a unit, and no move."""
    pence = msgspec.structs.replace(quote_of(2, 2.0, 100.0), underlying_price=10_000.0)
    book = book_of(quote_of(1, 1.0, 100.0), pence)
    mark = marks_of(book, 60.0)[CALL]
    assert (mark.source, mark.value) == ("kept", quote_of(1, 1.0, 100.0).middle)


def test_a_computation_that_no_unit_explains_moves_no_mark_until_one_agrees() -> None:
    """It was made with something else than the market that is seen: a rate, another contract."""
    book = book_of(spot_of(0.0, 780.0), quote_of(1, 1.0, 100.0), spot_of(61.0, 790.0))
    quoted, mark = quote_of(1, 1.0, 100.0).middle, marks_of(book, 61.0)[CALL]
    assert (mark.source, mark.value) == ("kept", quoted)
    book.observe(spot_of(62.0, 100.0))
    book.observe(quote_of(1, 63.0, 100.0))
    book.observe(spot_of(90.0, 100.5))
    assert marks_of(book, 90.0)[CALL].source == "model"


def test_an_odd_computation_keeps_its_own_option_and_leaves_the_others() -> None:
    """Of an adjusted contract, such as on 150 shares."""
    seen = (spot_of(0.0, 100.0), quote_of(1, 1.0, 100.0))
    odd = msgspec.structs.replace(quote_of(2, 2.0, 100.0), underlying_price=150.0)
    other, same = book_of(*seen, odd, spot_of(61.0, 100.5)), book_of(*seen, spot_of(61.0, 100.5))
    marks = marks_of(other, 61.0)
    assert marks[CALL] == marks_of(same, 61.0)[CALL]
    assert (marks[CALL].source, marks[CALL + 1].source) == ("model", "kept")


def test_a_mark_follows_no_market_that_its_computation_contradicts_and_its_band_grows() -> None:
    """The market is seen after the quote: its price is kept, and may be as far off as it moves."""
    quote = quote_of(1, 1.0, 100.0)
    book = book_of(quote)
    before = marks_of(book, 5.0)[CALL]
    book.observe(spot_of(6.0, 780.0))
    book.observe(spot_of(600.0, 790.0))
    mark = marks_of(book, 600.0)[CALL]
    assert (mark.source, mark.value) == ("kept", quote.middle)
    assert mark.band is not None
    assert before.band is not None
    assert mark.band > 3 * before.band


def test_a_delayed_underlying_moves_no_mark_of_a_live_quote() -> None:
    """What an index did a quarter of an hour ago is in the option's quote of now already."""
    quote = quote_of(1, 1.0, 101.0)
    book = book_of(late(spot_of(0.0, 100.0)), quote, late(spot_of(61.0, 100.5)))
    mark = marks_of(book, 61.0)[CALL]
    assert (mark.source, mark.delayed) == ("kept", False)
    assert mark.value == pytest.approx(quote.middle, abs=0.01)


def test_a_delayed_quote_follows_a_delayed_underlying_and_says_so() -> None:
    live = book_of(spot_of(0.0, 100.0), quote_of(1, 1.0, 100.0), spot_of(61.0, 100.5))
    book = book_of(
        late(spot_of(0.0, 100.0)), late(quote_of(1, 1.0, 100.0)), late(spot_of(61.0, 100.5))
    )
    mark = marks_of(book, 61.0)[CALL]
    assert (mark.source, mark.delayed) == ("model", True)
    assert mark.value == pytest.approx(value(live, 61.0))


def test_a_delayed_quote_does_not_follow_a_live_underlying() -> None:
    """It shows an earlier market, which the moves of now were not made from."""
    book = book_of(spot_of(0.0, 100.0), late(quote_of(1, 1.0, 100.0)), spot_of(61.0, 100.5))
    assert marks_of(book, 61.0)[CALL].source == "kept"


def test_marks_by_delayed_neighbours_are_delayed_and_live_ones_go_before() -> None:
    def neighbours(delayed: bool) -> list[Observation]:
        found = [spot_of(0.0, 100.0), quote_of(0, 1.0, 100.0), quote_of(2, 1.0, 100.0)]
        return [late(seen) for seen in found] if delayed else found

    only_late = marks_of(book_of(*neighbours(True)), 2.0)[CALL]
    assert (only_late.source, only_late.delayed) == ("neighbours", True)
    live = marks_of(book_of(*neighbours(False)), 2.0)[CALL]
    assert (live.source, live.delayed) == ("neighbours", False)
    late_quotes = [late(quote_of(number, 1.5, 90.0)) for number in (3,)]
    both = marks_of(book_of(*neighbours(False), late(spot_of(1.0, 90.0)), *late_quotes), 2.0)
    assert both[CALL] == live


def test_a_feed_that_changes_tests_no_mark_of_the_other() -> None:
    book = book_of(late(spot_of(0.0, 100.0)), late(quote_of(1, 1.0, 100.0)))
    book.marks(1.0)
    before = book.factors()[UNDERLYING]
    book.observe(spot_of(60.0, 110.0))
    book.observe(quote_of(1, 61.0, 110.0))
    book.marks(61.0)
    assert book.factors()[UNDERLYING] == before


def test_a_contract_that_is_no_option_says_whether_its_quote_is_delayed() -> None:
    stock = Observation(con_id=STOCK, at_s=0.0, origin="quote", bid=20.0, ask=20.02, delayed=True)
    assert marks_of(book_of(stock), 60.0)[STOCK].delayed
    assert len(instruments()) == 5
