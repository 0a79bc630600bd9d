"""Marks are written when they say something new, and never more bytes than they may."""

from __future__ import annotations

import random

import msgspec
import pytest

from slotwise.bus.marks import decoded
from slotwise.rules.marks.mark import Mark
from workers.gateway.marks.board_writer import AGAIN_S, BYTES_PER_S, MarkBoardWriter
from workers.gateway.marks.steady_time import SteadyTime


def mark(con_id: int, at_s: float, **changes: object) -> Mark:
    known = Mark(con_id, at_s, 2.0, 0.1, "model", at_s - 60.0, at_s - 60.0, at_s - 1.0)
    return msgspec.structs.replace(known, **changes)


def written_at(rounds: dict[float, list[Mark]]) -> list[float]:
    """Return at which of some rounds marks were written."""
    writer = MarkBoardWriter(SteadyTime())
    return [at_s for at_s, marks in rounds.items() if writer.next(marks, at_s) is not None]


def test_marks_that_stand_still_are_written_once_a_minute() -> None:
    rounds = {float(n): [mark(1, float(n))] for n in range(150)}
    assert written_at(rounds) == [0.0, AGAIN_S, 2 * AGAIN_S]


@pytest.mark.parametrize(
    "news",
    [
        [mark(1, 1.0, value=2.01)],
        [mark(1, 1.0, value=None)],
        [mark(1, 1.0, band=0.2)],
        [mark(1, 1.0, source="kept")],
        [mark(2, 1.0)],
        [mark(1, 1.0), mark(2, 1.0)],
    ],
    ids=["value", "unknown", "band", "source", "another", "one more"],
)
def test_what_is_new_is_written_at_once(news: list[Mark]) -> None:
    assert written_at({0.0: [mark(1, 0.0)], 1.0: news}) == [0.0, 1.0]


def test_a_move_of_a_small_part_of_the_band_is_no_news() -> None:
    assert written_at({0.0: [mark(1, 0.0)], 1.0: [mark(1, 1.0, value=2.004)]}) == [0.0]


@pytest.mark.parametrize("holdings", [20, 2000, 10_000])
def test_bytes_are_bounded_however_much_is_held_and_moves(holdings: int) -> None:
    rng, writer, count = random.Random(1), MarkBoardWriter(SteadyTime()), 0
    seconds, writes = 60, 0
    for n in range(seconds):
        marks = [
            mark(700_000_000 + number, float(n), value=rng.uniform(1, 90), band=rng.uniform(0.1, 2))
            for number in range(holdings if n % 5 == 0 else 0)
        ] or [mark(1, float(n), value=float(n))]
        data = writer.next(marks, float(n))
        if data is not None:
            writes, count = writes + 1, count + len(data)
            last = len(data)
    assert count - last <= BYTES_PER_S * seconds
    assert writes >= 2


def test_the_board_is_filled_again_where_it_was_emptied() -> None:
    writer = MarkBoardWriter(SteadyTime())
    assert writer.next([mark(1, 0.0)], 0.0)
    writer.repeat()
    data = writer.next([mark(1, 1.0)], 1.0)
    assert data is not None
    assert decoded(data).keys() == {1}


def test_nothing_is_written_before_anything_is_known_to_be_held() -> None:
    assert written_at({0.0: [], 1.0: [mark(1, 1.0)], 2.0: [], 3.0: []}) == [1.0, 2.0]
