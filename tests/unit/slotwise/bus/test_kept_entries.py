"""Entries of a spool in the landing stream: in order, without a gap, each once.

The stream in memory that other tests use passes the same tests.
"""

from __future__ import annotations

from typing import Any

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import Kept, LandingStream, encoded
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.rules.landing import Inserted, Origin, Rows, Unreadable
from slotwise.rules.valuation import position_row
from tests.support.memory_stream import MemoryStream
from tests.support.values import NOON, item, position


class Streams:
    """A stream and the means to empty it."""

    def __init__(self, stream: Any, bus: Bus | None) -> None:
        self.stream = stream
        self._bus = bus

    def wipe(self) -> None:
        if self._bus is None:
            self.stream.wipe()
        else:
            self._bus.clear()


@pytest.fixture(params=["redis", "memory"])
def streams(request: pytest.FixtureRequest, bus: Bus) -> Streams:
    redis = request.param == "redis"
    return Streams(LandingStream(bus) if redis else MemoryStream(), bus if redis else None)


def kept(number: int, before: int = 0) -> Kept:
    return Kept(number, before, *encoded(Inserted((item(number),), NOON), None))


def numbers(streams: Streams) -> list[int]:
    return [entry.origin.number for entry in streams.stream.read(0, 100)]


def test_entries_are_taken_in_order_and_once(streams: Streams) -> None:
    stream = streams.stream
    assert stream.append_kept(kept(5), "s") == 5
    assert stream.append_kept(kept(9, 5), "s") == 9
    assert stream.append_kept(kept(9, 5), "s") == 9
    assert stream.append_kept(kept(5), "s") == 9
    assert numbers(streams) == [5, 9]
    assert stream.read(0, 10)[0].origin == Origin("s", 5)


def test_an_entry_whose_predecessor_is_missing_is_not_taken(streams: Streams) -> None:
    """The answer says where to go on."""
    stream = streams.stream
    stream.append_kept(kept(5), "s")
    assert stream.append_kept(kept(9, 7), "s") == 5
    streams.wipe()
    assert stream.append_kept(kept(9, 5), "s") == 0
    assert stream.append_kept(kept(5), "s") == 5
    assert numbers(streams) == [5]


def test_two_spools_share_nothing(streams: Streams) -> None:
    stream = streams.stream
    stream.append_kept(kept(5), "one")
    assert stream.append_kept(kept(3), "other") == 3
    assert numbers(streams) == [5, 3]


def test_what_is_here_and_what_has_landed_is_returned(streams: Streams) -> None:
    stream = streams.stream
    assert stream.progress("s") == (0, 0)
    stream.append_kept(kept(5), "s")
    stream.append_kept(kept(6, 5), "s")
    stream.report_landed({"s": 5})
    assert stream.progress("s") == (5, 6)
    streams.wipe()
    assert stream.progress("s") == (0, 0)


def test_numbers_of_microseconds_are_compared_exactly(streams: Streams) -> None:
    """Redis compares doubles, which hold 53 bits; what it answers is read exactly too."""
    first = 1_795_400_000_000_001
    assert streams.stream.append_kept(kept(first), "s") == first
    assert streams.stream.append_kept(kept(first), "s") == first
    assert streams.stream.append_kept(kept(first + 9, first + 5), "s") == first
    assert streams.stream.append_kept(kept(first + 1, first), "s") == first + 1
    assert numbers(streams) == [first, first + 1]


def test_rows_come_through(streams: Streams) -> None:
    rows = to_batch([position_row(position(1), None, source="stream")], POSITION_UPDATES.sent)
    head, data = encoded(Rows("position_updates"), rows)
    streams.stream.append_kept(Kept(1, 0, head, data), "s")
    [entry] = streams.stream.read(0, 10)
    assert (entry.head, entry.rows) == (Rows("position_updates"), rows)


@pytest.mark.parametrize(
    ("head", "rows"),
    [(b"", None), (b"\xc1", None), (b"\x93\x01", None), (encoded(Rows("quotes"), None)[0], b"no")],
)
def test_an_entry_that_cannot_be_read_says_so_and_hides_nothing(
    bus: Bus, head: bytes, rows: bytes | None
) -> None:
    """What comes before and after it is read as ever."""
    stream = LandingStream(bus)
    stream.append(Rows("quotes"))
    stream.append_raw(head, rows)
    stream.append(Rows("breaks"))
    first, broken, last = stream.read(0, 10)
    assert (first.head, last.head) == (Rows("quotes"), Rows("breaks"))
    assert isinstance(broken.head, Unreadable)
    assert (broken.head.head, broken.head.rows) == (head, rows)
