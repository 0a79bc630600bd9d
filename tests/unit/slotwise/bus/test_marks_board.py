"""Marks of all holdings are read back as they were made, and what is no mark is left out."""

from __future__ import annotations

import time
import zlib
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.bus.client import Bus
from slotwise.bus.marks import AGAIN_S, TTL_S, MarksBoard, decoded, encoded
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.marked import SOURCES
from tests.support.values import NOON

AT_S = 1_000_000.0
ages = st.none() | st.floats(0, 5e5, width=32)
numbers = st.none() | st.floats(-1e9, 1e9)


def mark(con_id: int = 1, **changes: object) -> Mark:
    values = {"value": 2.5, "band": 0.125, "source": "model", "quoted_at_s": AT_S - 60}
    return Mark(con_id=con_id, at_s=AT_S, **values | changes)  # type: ignore[arg-type]


@given(
    st.lists(
        st.builds(
            lambda value, band, source, quoted, computed, under: (
                value, band, source, quoted, computed, under,
            ),
            numbers, st.none() | st.floats(0, 1e6, width=32), st.sampled_from(SOURCES),
            ages, ages, ages,
        ),
        max_size=20,
    )
)  # fmt: skip
def test_marks_come_back_with_the_age_of_each_part(rows: list[tuple[object, ...]]) -> None:
    marks = [
        Mark(number, AT_S, row[0], row[1], row[2], *(  # type: ignore[arg-type]
            None if age is None else AT_S - age for age in row[3:]  # type: ignore[operator]
        ))
        for number, row in enumerate(rows)
    ]  # fmt: skip
    found = decoded(encoded(marks, NOON))
    assert list(found) == list(range(len(rows)))
    for one, (value, band, source, *parts) in zip(found.values(), rows, strict=True):
        assert (one.at, one.value, one.band, one.source) == (NOON, value, band, source)
        moments = (one.quoted_at, one.greeks_at, one.underlying_at)
        for age, moment in zip(parts, moments, strict=True):
            assert (moment is None) == (age is None)
            assert moment is None or abs((NOON - moment).total_seconds() - age) < 0.1  # type: ignore[operator]


def test_marks_by_a_delayed_feed_come_back_so(bus: Bus) -> None:
    board = MarksBoard(bus)
    board.put(encoded([mark(1), mark(2, delayed=True)], NOON))
    assert [one.delayed for one in board.get().values()] == [False, True]
    assert [one.delayed for one in board.of([1, 2]).values()] == [False, True]


def test_the_board_has_the_newest_marks(bus: Bus) -> None:
    board = MarksBoard(bus)
    assert board.get() == {}
    board.put(encoded([mark(1), mark(2)], NOON))
    board.put(encoded([mark(2, value=3.0), mark(3)], NOON + timedelta(seconds=1)))
    found = board.get()
    assert {con_id: one.value for con_id, one in found.items()} == {2: 3.0, 3: 2.5}
    assert found[2].age_s == 60


def test_marks_end_a_while_after_their_gateway(bus: Bus) -> None:
    MarksBoard(bus).put(encoded([mark()], NOON))
    assert 0 < bus.redis.ttl(bus.key("marks")) <= TTL_S


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        zlib.compress(b"nonsense"),
        zlib.compress(
            msgspec.msgpack.encode(
                {"at": NOON, "count": 3, **dict.fromkeys(
                    ("con_ids", "values", "bands", "sources", "quote_ages", "greeks_ages",
                     "underlying_ages"), b"12345678")}
            )
        ),
    ],
    ids=["empty", "text", "compressed text", "columns of other lengths"],
)  # fmt: skip
def test_what_is_no_marks_counts_as_none(bus: Bus, data: bytes) -> None:
    MarksBoard(bus).put(data)
    assert MarksBoard(bus).get() == {}


def test_marks_that_hardly_end_count_as_none(bus: Bus) -> None:
    test_what_is_no_marks_counts_as_none(bus, zlib.compress(bytes(50_000_000)))


def test_a_few_marks_are_read_as_all_of_them_are(bus: Bus) -> None:
    marks = [
        mark(con_id, value=con_id / 3, greeks_at_s=AT_S - con_id if con_id % 2 else None)
        for con_id in range(1, 200)
    ]
    board = MarksBoard(bus)
    assert board.of([1, 2]) == {}
    board.put(encoded(marks, NOON))
    whole = board.get()
    assert board.of([7, 150, 999]) == {7: whole[7], 150: whole[150]}
    board.put(encoded([mark(7, value=9.0)], NOON + timedelta(seconds=1)))
    assert {con_id: one.value for con_id, one in board.of([7, 150]).items()} == {7: 9.0}


def test_a_few_marks_of_what_is_no_marks_are_none(bus: Bus) -> None:
    board = MarksBoard(bus)
    board.put(b"nonsense")
    assert board.of([1]) == {}


def test_a_few_marks_are_those_of_another_process_once_the_last_reading_is_old(bus: Bus) -> None:
    reader, writer = MarksBoard(bus), MarksBoard(bus)
    writer.put(encoded([mark(7, value=1.0)], NOON))
    assert reader.of([7])[7].value == 1.0
    writer.put(encoded([mark(7, value=2.0)], NOON + timedelta(seconds=1)))
    time.sleep(AGAIN_S)
    assert reader.of([7])[7].value == 2.0
