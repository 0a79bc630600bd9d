"""The landing stream: order, offsets, and what survives an emptied Redis."""

from __future__ import annotations

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import (
    FULL,
    KNOWN_S,
    SEQUENCE_BITS,
    LandingStream,
    offset_of,
    stream_id_of,
)
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.rules.landing import Answered, Head, Inserted, Leased, Rows, Unreadable
from slotwise.rules.position_queue import Batch
from slotwise.rules.valuation import position_row
from tests.support.values import NOON, at, attempt, item, position

#: An offset of a day so far ahead that no clock here has reached it.
AHEAD = (4_000_000_000_000 << SEQUENCE_BITS) + 7

milliseconds = st.integers(0, 2**43 - 1)
sequences = st.integers(0, 2**SEQUENCE_BITS - 1)


@given(milliseconds, sequences)
def test_an_offset_is_a_stream_id_and_back(ms: int, sequence: int) -> None:
    offset = offset_of(f"{ms}-{sequence}")
    assert stream_id_of(offset) == f"{ms}-{sequence}"
    assert 0 <= offset < 2**63, "it fits Delta's transaction version"


@given(st.tuples(milliseconds, sequences), st.tuples(milliseconds, sequences))
def test_offsets_are_ordered_as_stream_ids(one: tuple[int, int], other: tuple[int, int]) -> None:
    first, second = (offset_of(f"{ms}-{sequence}".encode()) for ms, sequence in (one, other))
    assert (first < second) == (one < other)


def test_every_kind_of_entry_reads_back_in_order(bus: Bus) -> None:
    stream = LandingStream(bus)
    rows = to_batch([position_row(position(1), None, source="batch")], POSITION_UPDATES.sent)
    heads: list[Head] = [
        Inserted((item(1), item(2)), NOON),
        Leased((("i1", "b0"),), (Batch("b1", NOON, at(20), (item(1),)),), NOON),
        Answered(attempt("b1"), ("i1",), (("i2", "why"),)),
        Rows("quotes"),
    ]
    offsets = [stream.append(one, rows if number > 1 else None) for number, one in enumerate(heads)]
    found = stream.read(0, 10)
    assert [entry.head for entry in found] == heads
    assert [entry.offset for entry in found] == offsets == sorted(set(offsets))
    assert [entry.rows for entry in found] == [None, None, rows, rows]


@pytest.mark.parametrize("landed", [False, True], ids=["still there", "landed meanwhile"])
def test_an_entry_sent_again_is_there_once(bus: Bus, landed: bool) -> None:
    """A sender whose answer was lost cannot know, and sends again; a row must not double."""
    stream = LandingStream(bus)
    rows = to_batch([position_row(position(1), None, source="stream")], POSITION_UPDATES.sent)
    first = stream.append(Rows("position_updates"), rows)
    if landed:
        stream.drop(first)
    assert stream.append(Rows("position_updates"), rows) == first
    assert stream.length() == (0 if landed else 1)


def test_entries_that_differ_in_anything_are_all_there(bus: Bus) -> None:
    stream = LandingStream(bus)
    rows = to_batch([position_row(position(1), None, source="stream")], POSITION_UPDATES.sent)
    stream.append(Inserted((item(1),), NOON))
    stream.append(Inserted((item(1),), at(1)))
    stream.append(Rows("quotes"))
    stream.append(Rows("quotes"), rows)
    stream.append(Rows("position_updates"), rows)
    assert stream.length() == 5


def test_what_is_kept_to_recognise_an_entry_does_not_stay_without_end(bus: Bus) -> None:
    stream = LandingStream(bus)
    stream.append(Rows("t"))
    marks = [
        key for key in bus.redis.scan_iter(f"{bus.prefix}*") if key != bus.key("landing").encode()
    ]
    assert [0 < bus.redis.ttl(mark) <= KNOWN_S for mark in marks] == [True]


def test_reading_goes_on_after_an_offset_and_stops_at_a_count(bus: Bus) -> None:
    stream = LandingStream(bus)
    offsets = [stream.append(Rows(f"t{number}")) for number in range(5)]
    assert [entry.offset for entry in stream.read(offsets[1], 2)] == offsets[2:4]
    assert stream.read(offsets[-1], 10) == []


def test_dropping_forgets_entries_up_to_and_with_an_offset(bus: Bus) -> None:
    stream = LandingStream(bus)
    offsets = [stream.append(Rows(f"t{number}")) for number in range(5)]
    stream.drop(offsets[2])
    assert [entry.offset for entry in stream.read(0, 10)] == offsets[3:]
    assert stream.length() == 2


def test_dropping_twice_or_nothing_is_harmless(bus: Bus) -> None:
    stream = LandingStream(bus)
    stream.drop(0)
    offset = stream.append(Rows("t"))
    stream.drop(0)
    assert stream.length() == 1
    stream.drop(offset)
    stream.drop(offset)
    assert stream.length() == 0


def test_a_new_entry_comes_after_what_the_lake_has_reached(bus: Bus) -> None:
    """Redis was emptied and its clock is behind: an offset must still not come twice."""
    stream = LandingStream(bus)
    stream.never_below(AHEAD)
    assert stream.append(Rows("t")) > AHEAD


def test_a_stream_that_is_behind_is_moved_on_and_keeps_its_entries(bus: Bus) -> None:
    stream = LandingStream(bus)
    first = stream.append(Rows("t"))
    stream.never_below(AHEAD)
    second = stream.append(Rows("other"))
    assert second > AHEAD
    assert [entry.offset for entry in stream.read(0, 10)] == [first, second]


def test_a_stream_that_is_ahead_stays(bus: Bus) -> None:
    stream = LandingStream(bus)
    stream.never_below(AHEAD)
    first = stream.append(Rows("t"))
    stream.never_below(5)
    assert stream.append(Rows("other")) > first
    assert stream.length() == 2


def test_an_empty_stream_leaves_no_entry_behind_when_it_is_moved_on(bus: Bus) -> None:
    stream = LandingStream(bus)
    stream.never_below(AHEAD)
    assert stream.length() == 0
    assert stream.read(0, 10) == []


def test_an_entry_carries_many_rows_exactly(bus: Bus) -> None:
    stream = LandingStream(bus)
    rows = to_batch(
        [position_row(position(number), None, source="batch") for number in range(1, 501)],
        POSITION_UPDATES.sent,
    )
    stream.append(Rows("position_updates"), rows)
    [entry] = stream.read(0, 1)
    assert isinstance(entry.rows, pa.RecordBatch)
    assert entry.rows.equals(rows)


@pytest.mark.parametrize(
    "fields",
    [
        {b"head": b"\xc1"},
        {b"other": b"x"},
        {b"head": msgspec.msgpack.encode(Rows("quotes")), b"rows": b"no Arrow"},
        {b"head": msgspec.msgpack.encode(Rows("quotes")), b"rows": b"\xff\xff\xff\xff\x10\x00\x00"},
        {b"head": msgspec.msgpack.encode(Rows("quotes")), b"spool": b"s"},
        {b"head": msgspec.msgpack.encode(Rows("quotes")), b"spool": b"s", b"number": b"x"},
        {b"head": msgspec.msgpack.encode(Rows("quotes")), b"spool": b"\xff", b"number": b"1"},
        {b"head": msgspec.msgpack.encode(Rows("quotes")), b"spool": b"s", b"number": b"9" * 30},
    ],
)
def test_an_entry_that_cannot_be_read_says_so_and_hides_no_other(
    bus: Bus, fields: dict[bytes, bytes]
) -> None:
    stream = LandingStream(bus)
    bus.redis.xadd(bus.key("landing"), fields)
    stream.append(Rows("quotes"))
    strange, right = stream.read(0, 10)
    assert isinstance(strange.head, Unreadable)
    assert right.head == Rows("quotes")


def test_offsets_grow_on_while_the_clock_of_redis_is_behind(bus: Bus) -> None:
    """All entries share one millisecond then, and a million of them would use up its sequence."""
    stream = LandingStream(bus)
    millisecond = AHEAD >> SEQUENCE_BITS
    bus.redis.xadd(bus.key("landing"), {b"head": b""}, id=f"{millisecond}-{FULL}")
    before = offset_of(f"{millisecond}-{FULL}")
    stream.never_below(5)
    after = stream.append(Rows("quotes"))
    assert after > before
    assert after >> SEQUENCE_BITS == millisecond + 1
    stream.never_below(after)
    assert stream.append(Rows("breaks")) > after
