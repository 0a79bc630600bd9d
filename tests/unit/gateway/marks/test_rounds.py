"""Marks after a start: every holding begins with its last quote, however old, or without."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from slotwise.quote import Quote
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.mark import Mark
from tests.support.values import quote
from workers.gateway.marks.rounds import MarkRounds, Seen
from workers.gateway.marks.steady_time import SteadyTime

UNDERLYING, STRIKES = 1, 1_000
DAY_S = 86_400.0


def instruments(now_s: float) -> list[Instrument]:
    return [
        Instrument(
            con_id=10 + number,
            underlying=UNDERLYING,
            strike=100.0 + number / 50,
            call=True,
            expires_at_s=now_s + 30 * DAY_S,
            tick=0.01,
        )
        for number in range(STRIKES)
    ]


def kept(con_id: int, at: datetime) -> Quote:
    return quote(
        con_id, bid="4.95", ask="5.05", iv=0.3, delta=0.5, gamma=0.02, vega=0.1, theta=-0.02,
        underlying_price=100, observed_at=at,
    )  # fmt: skip


def first_round(recalled: Mapping[int, Quote]) -> dict[int, Mark]:
    """Give the marks of the first round after a start, while nothing was quoted yet."""
    time = SteadyTime()
    rounds = MarkRounds(time, lambda con_id: None)
    rounds.round(Seen({}, (), instruments(time.now())))
    _, marks = rounds.round(Seen({}, (), recalled=recalled))
    return {mark.con_id: mark for mark in marks}


def test_after_a_restart_every_holding_has_a_mark_with_a_band_in_the_next_round() -> None:
    """The older its last quote, the wider the band; no quote has come yet."""
    now = SteadyTime().marked(Mark(1, SteadyTime().now())).at
    quotes = {
        10 + number: kept(10 + number, now - timedelta(seconds=60 + 10 * number))
        for number in range(STRIKES)
    }
    marks = first_round(quotes)
    assert len(marks) == STRIKES
    for mark in marks.values():
        assert mark.value is not None
        assert mark.band is not None
        assert mark.age_s is not None
    bands = [marks[10 + number].band or 0.0 for number in range(STRIKES)]
    assert bands == sorted(bands)
    assert bands[-1] > bands[0]


def test_who_was_never_quoted_begins_by_its_neighbours_with_a_wider_band_or_unknown() -> None:
    """Half of the strikes were quoted; those far beyond them are not made up."""
    now = SteadyTime().marked(Mark(1, SteadyTime().now())).at
    at = now - timedelta(seconds=30)
    quotes = {10 + number: kept(10 + number, at) for number in range(0, STRIKES // 2, 2)}
    marks = first_round(quotes)
    for number in range(STRIKES):
        mark = marks[10 + number]
        if 10 + number in quotes:
            assert mark.source in ("kept", "model")
        elif number < STRIKES // 2:
            assert mark.source == "neighbours"
            assert mark.age_s is None
            assert (mark.band or 0.0) > 0.0
        elif number > STRIKES // 2 + 260:
            assert (mark.source, mark.value, mark.band) == ("none", None, None)


def test_marks_of_nothing_known_are_unknown() -> None:
    assert {mark.source for mark in first_round({}).values()} == {"none"}


def test_a_quote_of_the_future_is_no_older_than_now() -> None:
    """The clock was set back while the gateway was down."""
    time = SteadyTime()
    late = kept(10, time.marked(Mark(1, time.now())).at + timedelta(hours=1))
    mark = first_round({10: replace(late, con_id=10)})[10]
    assert mark.age_s is not None
    assert mark.age_s >= 0.0
