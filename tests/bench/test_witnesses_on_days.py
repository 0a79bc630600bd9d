"""IB's marks as a second witness on simulated days: faults are found, and none is invented.

Each option is quoted once in eight minutes and marked in between; every three minutes IB says what
the holding is worth, by the market of that minute, which marks never see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec
import pytest

from benchmarks.mark_replay import LATER_S, UNDERLYING, _con_id, _instrument, _of_underlying, _quote
from benchmarks.market_days import Day
from benchmarks.simulated_days import WEATHERS, Weather, simulated_day
from slotwise.contract import Contract
from slotwise.quote import Quote
from slotwise.rules.marks.book import MarkBook
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.marked import Marked
from slotwise.rules.witnesses import AccountMark, Cause, WitnessBook, finding_of
from tests.support.values import NOON, contract

PERIOD, WORDS_EACH = 8, 3
weathers = pytest.mark.parametrize("weather", WEATHERS, ids=lambda weather: weather.name)


class Word(NamedTuple):
    """What IB says of one holding at a minute, and what is known here."""

    option: int
    minute: int
    reported: AccountMark
    contract: Contract
    quote: Quote | None
    mark: Marked | None


def words_of(day: Day) -> Iterator[Word]:
    book = MarkBook()
    book.want(_instrument(number, option) for number, option in enumerate(day.options))
    quotes: dict[int, Quote] = {}
    held = [contract(_con_id(n), sec_type="OPT", multiplier=Decimal(100)) for n in range(10_000)]
    spot = None
    for minute in sorted(day.underlying):
        spot, half = day.underlying[minute]
        book.observe(_of_underlying(minute * 60.0, spot, half))
        marks = {mark.con_id: mark for mark in book.marks(minute * 60.0)}
        for number, option in enumerate(day.options):
            market = option.markets.get(minute)
            if market is None:
                continue
            con_id = _con_id(number)
            if (minute + number) % WORDS_EACH == 0:
                middle = Decimal(str(round((market.bid + market.ask) / 2.0, 6)))
                reported = AccountMark(
                    account="DU1", con_id=con_id, quantity=Decimal(-2), price=middle,
                    value=middle * -200, unrealized_pnl=None, at=at(minute),
                )  # fmt: skip
                mark = marked(marks[con_id], at(minute))
                yield Word(number, minute, reported, held[number], quotes.get(con_id), mark)
            if (minute + number) % PERIOD == 0:
                quotes[con_id] = Quote(
                    con_id=con_id, observed_at=at(minute) + timedelta(seconds=LATER_S),
                    source="snapshot", bid=Decimal(str(market.bid)), ask=Decimal(str(market.ask)),
                )  # fmt: skip
                book.observe(_quote(number, option, market, minute, spot))
    assert book.stickiness(UNDERLYING) >= 0.0


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def marked(mark: Mark, when: datetime) -> Marked:
    return Marked(mark.con_id, when, mark.value, mark.band, mark.source)


def checked(words: Iterator[Word], change: Callable[[Word], Word]) -> WitnessBook:
    book = WitnessBook()
    for word in map(change, words):
        found = finding_of(word.reported, word.contract, word.quote, word.mark)
        book.take(word.reported, found)
    return book


@weathers
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_on_a_clean_day(weather: Weather, seed: int) -> None:
    found = checked(words_of(simulated_day(weather, seed)), lambda word: word)
    assert dict(found.counts) == {}


#: From this minute on one option's quotes are at fault.
SINCE, FAULTY = 700, 30


def quote_with(word: Word, **changes: object) -> Word:
    if word.quote is None:
        return word
    return word._replace(quote=msgspec.structs.replace(word.quote, **changes))


def shown_at(word: Word, times: str, *, age_s: float = 1.0) -> Word:
    """Show a young, narrow market at so many times the true price, and the mark at its middle."""
    assert word.reported.price is not None
    middle = word.reported.price * Decimal(times)
    narrow = Decimal("0.02")
    made = Quote(
        con_id=word.reported.con_id, observed_at=word.reported.at - timedelta(seconds=age_s),
        source="stream", bid=middle - narrow, ask=middle + narrow,
    )  # fmt: skip
    mark = Marked(
        word.reported.con_id, word.reported.at, float(middle), 0.05, "stream", made.observed_at
    )
    return word._replace(quote=made, mark=mark)


FAULTS: dict[Cause, Callable[[Word], Word]] = {
    "stale": lambda word: shown_at(word, "0.5", age_s=600.0),
    "crossed": lambda word: quote_with(word, bid=Decimal(900), ask=Decimal(800)),
    "zero_size": lambda word: quote_with(
        shown_at(word, "1.0"), bid=None, last=(word.reported.price or 0) * 3, ask=None
    ),
    "jumped": lambda word: shown_at(word, "2.0"),
    "magnifier": lambda word: shown_at(word, "100"),
    "multiplier": lambda word: shown_at(word, "1.0")._replace(
        contract=msgspec.structs.replace(word.contract, multiplier=Decimal(10))
    ),
}


@pytest.mark.parametrize("cause", FAULTS)
def test_an_injected_fault_is_found_with_its_cause_and_no_other_is(cause: Cause) -> None:
    day = simulated_day(WEATHERS[0], 1)

    def faulty(word: Word) -> Word:
        at_fault = word.option == FAULTY and word.minute >= SINCE
        return FAULTS[cause](word) if at_fault else word

    found = checked(words_of(day), faulty)
    assert {finding.con_id for finding in found.standing.values()} == {_con_id(FAULTY)}
    assert set(found.counts) == {cause}
