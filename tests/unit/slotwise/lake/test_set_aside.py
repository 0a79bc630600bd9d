"""Entries that cannot land are set aside with their reason, and the rest lands."""

from __future__ import annotations

import msgspec
import pyarrow as pa
import pytest

from slotwise.bus.landing_stream import encoded
from slotwise.lake.arrow import to_batch
from slotwise.lake.lander import Lander
from slotwise.lake.queries import entries_set_aside
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.set_aside import put_back_row
from slotwise.lake.store import Lake
from slotwise.landing import Answered, Entry, Head, Inserted, Rows, Unreadable
from slotwise.valuation import position_row
from tests.support.independent_reader import rows_of
from tests.support.memory_stream import MemoryStream
from tests.support.values import NOON, at, attempt, item, position

GOOD = to_batch([position_row(position(1), None, source="stream")], POSITION_UPDATES.sent)
WIDER = GOOD.append_column("colour", pa.array(["red"]))
FEWER = GOOD.drop_columns(["symbol"])


class Broken(MemoryStream):
    """A stream in which an entry may be unreadable."""

    def append_unreadable(self) -> None:
        self._newest += 1
        self._entries.append(Entry(self._newest, Unreadable("cannot be read: x", b"?", None)))


@pytest.mark.parametrize(
    ("head", "rows", "reason"),
    [
        (Rows("tomorrow"), GOOD, "no table 'tomorrow'"),
        (Rows("strategy_registry"), GOOD, "no table 'strategy_registry'"),
        (Rows("position_updates"), WIDER, "(colour)"),
        (Rows("position_updates"), FEWER, "(symbol)"),
        (Answered(attempt("b"), ("i1", "i2"), ()), GOOD, "2 items and 1 rows"),
        (Answered(attempt("b"), ("i1",), ()), None, "1 items and no rows"),
        (Answered(attempt("b"), ("i1",), ()), WIDER, "(colour)"),
    ],
)
def test_an_entry_that_does_not_fit_is_set_aside(
    lake: Lake, head: Head, rows: pa.RecordBatch | None, reason: str
) -> None:
    stream = MemoryStream()
    stream.append(Inserted((item(1), item(2)), NOON))
    stream.append(head, rows)
    stream.append(Rows("position_updates"), GOOD)
    lander = Lander(lake, stream)
    lander.land(at(1))
    assert stream.length() == 0
    assert rows_of(lake, "position_updates", "con_id") == [(1,)]
    [aside] = entries_set_aside(lake)
    assert reason in aside.reason
    assert (aside.head, aside.rows) == encoded(head, rows)
    assert lander.queue(at(2)).count("waiting") == 2, "its items are tried again"


def test_an_unreadable_entry_stops_nobody(lake: Lake) -> None:
    stream = Broken()
    stream.append_unreadable()
    stream.append(Rows("position_updates"), GOOD)
    Lander(lake, stream).land(at(1))
    assert stream.length() == 0
    assert rows_of(lake, "position_updates", "con_id") == [(1,)]
    assert [aside.reason for aside in entries_set_aside(lake)] == ["cannot be read: x"]


def test_an_entry_is_set_aside_once_though_the_landing_was_cut_short(lake: Lake) -> None:
    stream = Broken()
    stream.append_unreadable()
    kept = stream.read(0, 10)
    Lander(lake, stream).land(at(1))
    stream._entries = kept  # it died before it dropped them
    Lander(lake, stream).land(at(2))
    assert len(entries_set_aside(lake)) == 1


def test_what_was_put_back_is_listed_no_more(lake: Lake) -> None:
    stream = MemoryStream()
    stream.append(Rows("tomorrow"), GOOD)
    lander = Lander(lake, stream)
    lander.land(at(1))
    [aside] = entries_set_aside(lake)
    assert msgspec.msgpack.decode(aside.head, type=Head) == Rows("tomorrow")
    stream.append(Rows("set_aside"), put_back_row(aside))
    lander.land(at(2))
    assert entries_set_aside(lake) == []
