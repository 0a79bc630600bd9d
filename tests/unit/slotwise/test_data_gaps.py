"""When a contract was wanted and not seen, from the rows of `line_events`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.rules.data_gaps import DataGap, LineEvent, LineEventName, data_gaps
from tests.support.effort import examples
from workers.commands.gaps import described

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def rows(*reported: tuple[LineEventName, float], con_id: int = 1) -> list[LineEvent]:
    """Make rows of events and their seconds."""
    return [LineEvent(con_id, "X", event, f"why {s:g}", 1, 9, at(s)) for event, s in reported]


def spans(gaps: list[DataGap]) -> list[tuple[float, float | None]]:
    """Give gaps in seconds."""
    return [
        (
            (gap.begin - START).total_seconds(),
            None if gap.end is None else (gap.end - START).total_seconds(),
        )
        for gap in gaps
    ]


def test_a_line_that_comes_and_goes() -> None:
    """Until the first tick, and from each loss to the tick after it; not after it was closed."""
    gaps = data_gaps(
        rows(
            ("opened", 0), ("first_tick", 1), ("lost", 5), ("opened", 7), ("first_tick", 8),
            ("silent", 9), ("returned", 12), ("closed", 20), ("opened", 30),
        )
    )[1]  # fmt: skip
    assert spans(gaps) == [(0, 1), (5, 8), (9, 12), (30, None)]
    assert [gap.event for gap in gaps] == ["opened", "lost", "silent", "opened"]
    assert gaps[1].reason == "why 5"


def test_a_gap_is_one_however_many_reasons_it_has() -> None:
    """IB is lost, then the connection, and the new line is refused: one gap, its first reason."""
    reported = rows(("first_tick", 1), ("lost", 2), ("lost", 3), ("opened", 4), ("refused", 5))
    assert spans(data_gaps(reported)[1]) == [(2, None)]
    assert spans(data_gaps([*reported, *rows(("closed", 9))])[1]) == [(2, 9)]


def test_a_contract_that_gave_way_is_not_seen() -> None:
    """It is active and waits for its turn."""
    reported = rows(("first_tick", 1), ("gave_way", 30), ("opened", 60), ("first_tick", 61))
    assert spans(data_gaps(reported)[1]) == [(30, 61)]


def test_a_line_that_ticked_once_was_seen_for_no_time() -> None:
    """Its loss bears the time of its only tick: the order of equals is known."""
    reported = rows(("opened", 0), ("first_tick", 1), ("lost", 1), ("opened", 4), ("first_tick", 5))
    assert spans(data_gaps(reversed(reported))[1]) == [(0, 1), (1, 5)]


def test_a_gateway_that_died_leaves_a_time_that_is_not_known() -> None:
    """A gateway that was dead for three days did not blind the contract for three days."""
    begin, again = 1.0, 3 * 86_400.0
    reported = rows(("first_tick", begin), ("opened", again), ("first_tick", again + 1))
    gaps = data_gaps(reported)[1]
    assert [gap.known for gap in gaps] == [False, True]
    assert spans(gaps) == [(begin, again), (again, again + 1)]
    head, *lines = described(1, gaps, at(again + 60))
    assert head == "1: not seen 1 time, 1.0 s in all; not known for 1 more"
    assert "not known: the gateway before ended without a last row" in lines[0]


KINDS: list[LineEventName] = [
    "waits", "opened", "first_tick", "silent", "lost", "returned", "refused", "gave_way", "closed",
]  # fmt: skip
HISTORIES = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from(KINDS), st.integers(0, 10_000)), max_size=40
)


@given(HISTORIES, st.randoms(use_true_random=False))
@settings(max_examples=examples(200))
def test_intervals_of_any_history(
    reported: list[tuple[int, LineEventName, int]], r: Random
) -> None:
    """Ordered, apart, each contract by itself, in whatever order rows come; ends are sightings."""
    events = [LineEvent(c, "X", event, "", 1, 9, at(ms / 1000)) for c, event, ms in reported]
    found = data_gaps(events)
    shuffled = events[:]
    r.shuffle(shuffled)
    assert data_gaps(shuffled) == found
    for con_id, gaps in found.items():
        own = [e for e in events if e.con_id == con_id]
        assert data_gaps(own) == {con_id: gaps}
        for gap, after in pairwise(gaps):
            assert gap.end is not None, "only the last may go on"
            assert gap.begin <= gap.end <= after.begin
        ends = {e.at for e in own if e.event in ("first_tick", "returned", "closed")}
        assert {gap.end for gap in gaps if gap.known} - {None} <= ends
        # What is not known ends where a line was opened, and begins with a sighting.
        openings = {e.at for e in own if e.event == "opened"}
        assert {gap.end for gap in gaps if not gap.known} <= openings
        assert {gap.begin for gap in gaps if not gap.known} <= ends


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 1000)), max_size=30))
@settings(max_examples=examples(200))
def test_the_time_that_was_not_seen_is_measured_as_a_clock_would(
    steps: list[tuple[bool, int]],
) -> None:
    """A line is seen or not for so many milliseconds each; a count of them gives the same sum."""
    now, blind, gap_ms, reported = 0, True, 0, rows(("opened", 0))
    for see, ms in steps:
        if see and blind:
            reported += rows(("returned", now / 1000))
        elif not see and not blind:
            reported += rows(("lost", now / 1000))
        blind = not see
        # The first step counts from the opening at 0.
        gap_ms += ms * blind
        now += ms
    gaps = data_gaps(reported)[1]
    total = sum((gap.lasted(at(now / 1000)) for gap in gaps), timedelta())
    assert total == timedelta(milliseconds=gap_ms)
