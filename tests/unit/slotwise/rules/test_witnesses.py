"""What IB says of a holding, beside its quote and mark: agreement, or a cause."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from slotwise.quote import Quote
from slotwise.rules.marks.marked import Marked
from slotwise.rules.witnesses import (
    LONG_STALE_S,
    AccountMark,
    Cause,
    WitnessBook,
    finding_of,
    their_price,
)
from tests.support.values import ACCOUNT, NOON, contract, quote

OPTION = contract(1, sec_type="OPT", multiplier=Decimal(100))
SAID = AccountMark(
    account=ACCOUNT,
    con_id=1,
    quantity=Decimal(-3),
    price=Decimal("2.50"),
    value=Decimal("-750.00"),
    unrealized_pnl=None,
    at=NOON,
)
MARK = Marked(1, NOON, 2.5, 0.05, "stream", NOON)


def shown(bid: str | None, ask: str | None, age_s: float = 1.0, last: str | None = None) -> Quote:
    return quote(1, bid=bid, ask=ask, last=last, observed_at=NOON - timedelta(seconds=age_s))


def cause_of(
    reported: AccountMark = SAID,
    seen: Quote | None = None,
    mark: Marked | None = MARK,
    *,
    is_open: bool = True,
) -> Cause | None:
    found = finding_of(reported, OPTION, seen or shown("2.45", "2.55"), mark, is_open=is_open)
    return None if found is None else found.cause


def worth(value: str, price: str | None = None) -> AccountMark:
    return msgspec.structs.replace(
        SAID, value=Decimal(value), price=None if price is None else Decimal(price)
    )


def marked(value: float, band: float = 0.05) -> Marked:
    return Marked(1, NOON, value, band, "stream", NOON)


def test_what_agrees_is_no_finding() -> None:
    assert cause_of() is None
    assert cause_of(worth("-765")) is None, "2.55 is within three bands"
    assert cause_of(worth("-960", "3.2"), shown("2.00", "3.40"), marked(2.7)) is None, "it is bid"


def test_what_is_not_known_is_not_compared() -> None:
    assert cause_of(worth("0"), mark=None) is None
    assert cause_of(worth("-9000"), mark=Marked(1, NOON)) is None
    assert cause_of(msgspec.structs.replace(SAID, value=None, price=None)) is None
    unknown = msgspec.structs.replace(OPTION, price_magnifier=None)
    assert finding_of(worth("-9000"), unknown, shown("2.45", "2.55"), MARK) is None
    nothing = msgspec.structs.replace(SAID, quantity=Decimal(0))
    assert finding_of(nothing, OPTION, shown("2.45", "2.55"), MARK) is None


def test_their_price_is_in_the_units_of_quotes() -> None:
    pence = contract(1, currency="GBP", price_magnifier=100)
    reported = msgspec.structs.replace(SAID, quantity=Decimal(40), value=Decimal("128.40"))
    assert their_price(reported, pence) == pytest.approx(321.0)
    bond = contract(1, sec_type="BOND", multiplier=Decimal(1))
    reported = msgspec.structs.replace(SAID, quantity=Decimal(5), value=Decimal("4925"))
    assert their_price(reported, bond) == pytest.approx(98.5)


@pytest.mark.parametrize(
    ("cause", "reported", "seen", "mark"),
    [
        ("crossed", SAID, shown("2.60", "2.40"), MARK),
        ("magnifier", worth("-7.50", "0.025"), shown("2.45", "2.55"), MARK),
        ("magnifier", worth("-75000", "250"), shown("2.45", "2.55"), MARK),
        ("multiplier", worth("-75", "2.50"), shown("2.45", "2.55"), MARK),
        ("zero_size", worth("-1500", "5"), shown(None, "2.55", last="2.40"), marked(2.4)),
        ("zero_size", SAID, shown(None, None, last="9.00"), MARK),
        ("wide", worth("-1500", "5"), shown("0.50", "8.00"), marked(4.25)),
        ("wide", worth("-960", "3.2"), shown("2.00", "3.40"), marked(2.1)),
        ("stale", worth("-1500", "5"), shown("2.45", "2.55", age_s=600.0), MARK),
        ("jumped", worth("-1500", "5"), shown("2.45", "2.55"), MARK),
    ],
)
def test_a_difference_has_its_cause(
    cause: Cause, reported: AccountMark, seen: Quote, mark: Marked
) -> None:
    assert cause_of(reported, seen, mark) == cause


def test_delayed_quotes_need_not_agree_but_in_what_no_market_does() -> None:
    delayed = msgspec.structs.replace(shown("2.45", "2.55"), delayed=True)
    assert cause_of(worth("-1500", "5"), delayed) is None
    assert cause_of(SAID, msgspec.structs.replace(shown("2.60", "2.40"), delayed=True)) is None
    assert cause_of(worth("-75", "2.50"), delayed) == "multiplier"
    assert cause_of(worth("-75000", "250"), delayed) == "magnifier"


def test_a_closed_market_is_the_cause_of_its_own_difference() -> None:
    assert cause_of(worth("-1500", "5"), is_open=False) == "closed"
    assert cause_of(SAID, shown("2.60", "2.40"), is_open=False) is None


def test_a_mark_between_two_quotes_may_be_further_off() -> None:
    between = Marked(1, NOON, 2.5, 0.05, "model", NOON - timedelta(seconds=300))
    old = shown("2.45", "2.55", age_s=300.0)
    assert cause_of(worth("-825", "2.75"), old, between) is None
    assert cause_of(worth("-900", "3.0"), old, between) == "stale"


def faults_of(words: list[AccountMark], mark: Marked = MARK, ages_s: float = 1.0) -> list[bool]:
    """Take marks whose quote always had this age; return which of them begin to count."""
    book = WitnessBook()
    return [
        book.take(one, finding_of(one, OPTION, seen_at(one, ages_s), mark)) is not None
        for one in words
    ]


def seen_at(reported: AccountMark, age_s: float) -> Quote:
    return quote(1, bid="2.45", ask="2.55", observed_at=reported.at - timedelta(seconds=age_s))


def test_a_finding_counts_once_two_words_of_ib_agree_on_it() -> None:
    assert faults_of(later(worth("-1500", "5"), 4)) == [False, True, False, False]
    book = WitnessBook()
    for one in later(worth("-1500", "5"), 4):
        book.take(one, finding_of(one, OPTION, seen_at(one, 1.0), MARK))
    assert dict(book.counts) == {"jumped": 1}
    assert [one.cause for one in book.of(1)] == ["jumped"]
    book.take(SAID, None)
    assert list(book.of(1)) == []
    assert dict(book.counts) == {"jumped": 1}


def test_of_a_mark_between_two_quotes_another_quote_has_to_confirm_it() -> None:
    """One quote may be unlucky for as long as there is no other."""
    between = Marked(1, NOON, 2.5, 0.05, "model", NOON)
    words = later(worth("-1500", "5"), 14)
    one_quote = shown("2.45", "2.55", age_s=0.0)
    book = WitnessBook()
    began = [
        book.take(one, finding_of(one, OPTION, one_quote, between)) is not None for one in words
    ]
    assert began.index(True) * 180 > LONG_STALE_S, "no other comes any more"
    assert faults_of(words[:2], between, 60.0) == [False, True], "each word has its own quote"


def test_one_word_that_is_off_counts_for_nothing() -> None:
    book, off = WitnessBook(), worth("-1500", "5")
    for number, one in enumerate(later(off, 6)):
        book.take(one, finding_of(one, OPTION, shown("2.45", "2.55"), MARK) if number % 2 else None)
    assert not book.counts
    assert not book.standing


def test_a_wrong_multiplier_counts_at_once() -> None:
    book, off = WitnessBook(), worth("-75", "2.50")
    assert book.take(off, finding_of(off, OPTION, shown("2.45", "2.55"), MARK)) is not None


def test_what_is_not_held_any_more_is_forgotten() -> None:
    book, off = WitnessBook(), worth("-75", "2.50")
    book.take(off, finding_of(off, OPTION, shown("2.45", "2.55"), MARK))
    book.keep({(ACCOUNT, 2)})
    assert not book.standing


def later(reported: AccountMark, times: int) -> list[AccountMark]:
    return [
        msgspec.structs.replace(reported, at=reported.at + timedelta(minutes=3 * number))
        for number in range(times)
    ]
