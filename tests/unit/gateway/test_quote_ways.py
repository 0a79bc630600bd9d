"""A quote is taken the way that was measured to be cheaper, kind by kind."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from slotwise.quote import Quote
from workers.gateway.quote_ways import TRY_AGAIN_S, TRY_FIRST_S, QuoteWays, Way, is_whole

WHOLE = Quote(
    con_id=1, observed_at=datetime(2026, 11, 27, tzinfo=UTC), source="snapshot",
    bid=Decimal(1), ask=Decimal(2), delta=0.5,
)  # fmt: skip
PLAIN = Quote(con_id=1, observed_at=WHOLE.observed_at, source="snapshot", last=Decimal(1))


def settle(
    ways: QuoteWays,
    way: Way,
    seconds: float,
    *,
    kind: str = "OPT",
    whole: bool = True,
    cut: bool = False,
    count: int = 30,
) -> None:
    """Have quotes take so long, more than a way is forgotten by."""
    for _ in range(count):
        ways.took(kind, way, seconds, WHOLE if whole else PLAIN, 0.0, cut=cut)


def chosen(ways: QuoteWays, idle: int, *, kind: str = "OPT", scarce: bool = False) -> Way:
    return ways.choose(kind, idle, 43, 0.0, lines_scarce=scarce)


def ways_of(seconds: float, idle: int, *, scarce: bool) -> list[Way]:
    """Quote options, one a second; short streams of them take 0.9 s, snapshots so many seconds."""
    ways, tried = QuoteWays(), []
    for turn in range(int(TRY_AGAIN_S)):
        way = ways.choose("OPT", idle, 43, turn, lines_scarce=scarce)
        tried.append(way)
        ways.took("OPT", way, seconds if way == "snapshot" else 0.9, WHOLE, turn, cut=False)
    return tried


def test_snapshots_that_end_at_once_are_kept_where_no_stream_could_be_cheaper() -> None:
    assert set(ways_of(0.2, 80, scarce=False)) == {"snapshot"}


def test_a_way_that_could_be_cheaper_is_tried_once_and_measured() -> None:
    tried = ways_of(0.2, 5, scarce=True)
    assert tried.count("stream") == 1
    assert tried.index("stream") == TRY_FIRST_S


@given(idle=st.integers(1, 2_000), rate=st.floats(1, 100), scarce=st.booleans())
def test_snapshots_of_options_that_do_not_end_give_way_to_streams_whatever_the_idle_lines(
    idle: int, rate: float, *, scarce: bool
) -> None:
    ways = QuoteWays()
    settle(ways, "stream", 0.65)
    settle(ways, "snapshot", 3.0, cut=True)
    assert ways.choose("OPT", idle, rate, 0.0, lines_scarce=scarce) == "stream"


@given(
    idle=st.integers(1, 2_000),
    rate=st.floats(1, 100),
    seconds=st.floats(0.65, 11.0),
    scarce=st.booleans(),
)
def test_snapshots_that_lack_the_model_give_way_however_many_lines_are_idle(
    idle: int, rate: float, seconds: float, *, scarce: bool
) -> None:
    """They are one message, and bring nothing to mark with."""
    ways = QuoteWays()
    settle(ways, "stream", 0.65)
    settle(ways, "snapshot", seconds, whole=False)
    assert ways.choose("OPT", idle, rate, 0.0, lines_scarce=scarce) == "stream"


def test_a_contract_without_a_bid_makes_no_way_dearer() -> None:
    """Some quotes in a row had one side alone: chance does not choose."""
    ways = QuoteWays()
    settle(ways, "snapshot", 0.2, count=500)
    settle(ways, "snapshot", 0.2, whole=False, count=10)
    settle(ways, "stream", 0.65, count=500)
    assert chosen(ways, 80) == "snapshot"


def test_where_lines_are_scarce_a_short_stream_spares_them_and_else_a_message() -> None:
    ways = QuoteWays()
    assert chosen(ways, 5, kind="STK", scarce=True) == "stream"
    assert chosen(ways, 80, kind="STK") == "snapshot"


def test_kinds_are_measured_apart() -> None:
    ways = QuoteWays()
    settle(ways, "snapshot", 3.0, cut=True)
    assert chosen(ways, 80, kind="STK") == "snapshot"
    assert chosen(ways, 80) == "stream"


def test_the_dearer_way_is_tried_again_after_a_while_and_once() -> None:
    ways = QuoteWays()

    def at(now: float) -> Way:
        return ways.choose("OPT", 40, 43, now, lines_scarce=False)

    assert at(0.0) == "snapshot"
    ways.took("OPT", "snapshot", 3.0, WHOLE, 3.0, cut=True)
    assert at(TRY_AGAIN_S - 1) == "stream"
    assert at(TRY_AGAIN_S) == "snapshot"
    assert at(TRY_AGAIN_S) == "stream"


def test_a_quote_that_is_cut_short_takes_two_messages() -> None:
    ways = QuoteWays()
    assert ways.took("STK", "snapshot", 0.2, WHOLE, 0.0, cut=False) == 1
    assert ways.took("STK", "snapshot", 3.0, PLAIN, 0.0, cut=True) == 2
    assert ways.took("OPT", "stream", 0.6, WHOLE, 0.0, cut=False) == 2


def test_status_has_median_high_end_share_and_what_came_last() -> None:
    ways = QuoteWays()
    for number in range(1, 101):
        ways.took("OPT", "stream", number / 100, WHOLE, 0.0, cut=False, last="greeks")
    (one,) = ways.status()
    assert (one.kind, one.way, one.quotes, one.last) == ("OPT", "stream", 100, "greeks")
    assert (one.median_s, one.p95_s, one.complete) == (0.51, 0.95, 1.0)


def test_a_whole_quote_has_both_sides_and_an_option_its_computation() -> None:
    assert is_whole("OPT", WHOLE)
    assert not is_whole("OPT", PLAIN)
    assert not is_whole("STK", PLAIN)
    assert is_whole("IND", PLAIN)
