"""A quote is taken the way that was measured to be cheaper, kind by kind."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from slotwise.quote import Quote
from workers.gateway.quote_ways import TRY_AGAIN_S, QuoteWays, is_whole

WHOLE = Quote(
    con_id=1, observed_at=datetime(2026, 11, 27, tzinfo=UTC), source="snapshot",
    bid=Decimal(1), ask=Decimal(2), delta=0.5,
)  # fmt: skip
PLAIN = Quote(con_id=1, observed_at=WHOLE.observed_at, source="snapshot", last=Decimal(1))


def test_snapshots_that_end_at_once_are_kept() -> None:
    ways = QuoteWays()
    for turn in range(100):
        assert ways.choose("OPT", 80, 43, turn) == "snapshot"
        ways.took("OPT", "snapshot", 0.2, WHOLE, cut=False)


def test_snapshots_of_options_that_do_not_end_give_way_to_streams_whatever_the_idle_lines() -> None:
    for idle in (5, 20, 40, 80):
        ways = QuoteWays()
        assert ways.choose("OPT", idle, 43, 0.0) == "snapshot"
        ways.took("OPT", "snapshot", 3.0, WHOLE, cut=True)
        assert ways.choose("OPT", idle, 43, 3.0) == "stream"
        ways.took("OPT", "stream", 0.6, WHOLE, cut=False, last="greeks")
        assert ways.choose("OPT", idle, 43, 4.0) == "stream"


def test_kinds_are_measured_apart() -> None:
    ways = QuoteWays()
    ways.took("OPT", "snapshot", 3.0, WHOLE, cut=True)
    assert ways.choose("STK", 80, 43, 0.0) == "snapshot"


def test_the_dearer_way_is_tried_again_after_a_while_and_once() -> None:
    ways = QuoteWays()
    ways.choose("OPT", 40, 43, 0.0)
    ways.took("OPT", "snapshot", 3.0, WHOLE, cut=True)
    assert ways.choose("OPT", 40, 43, TRY_AGAIN_S - 1) == "stream"
    assert ways.choose("OPT", 40, 43, TRY_AGAIN_S) == "snapshot"
    assert ways.choose("OPT", 40, 43, TRY_AGAIN_S) == "stream"


def test_a_quote_that_is_cut_short_takes_two_messages() -> None:
    ways = QuoteWays()
    assert ways.took("STK", "snapshot", 0.2, WHOLE, cut=False) == 1
    assert ways.took("STK", "snapshot", 3.0, PLAIN, cut=True) == 2
    assert ways.took("OPT", "stream", 0.6, WHOLE, cut=False) == 2


def test_status_has_median_high_end_share_and_what_came_last() -> None:
    ways = QuoteWays()
    for number in range(1, 101):
        ways.took("OPT", "stream", number / 100, WHOLE, cut=False, last="greeks")
    (one,) = ways.status()
    assert (one.kind, one.way, one.quotes, one.last) == ("OPT", "stream", 100, "greeks")
    assert (one.median_s, one.p95_s, one.complete) == (0.51, 0.95, 1.0)


def test_a_whole_quote_has_both_sides_and_an_option_its_computation() -> None:
    assert is_whole("OPT", WHOLE)
    assert not is_whole("OPT", PLAIN)
    assert not is_whole("STK", PLAIN)
