"""Entries that cannot land are set aside with their reason, and the rest lands."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.bus.landing_stream import encoded
from slotwise.errors import LakeError
from slotwise.lake.arrow import to_batch
from slotwise.lake.lander import Lander
from slotwise.lake.queries import entries_set_aside
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.set_aside import put_back_row
from slotwise.lake.store import Lake
from slotwise.lake.writer import OpenSince, TableWriter
from slotwise.rules.landing import (
    Answered,
    Entry,
    Head,
    Inserted,
    Leased,
    Offset,
    Retried,
    Rows,
    Unreadable,
)
from slotwise.rules.position_queue import Attempt, Batch, NewItem, QueueRow
from slotwise.rules.valuation import position_row
from tests.support.effort import examples
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
        (Answered(attempt("b"), ("i1", "i2"), ()), GOOD, "2 items and 1 row"),
        (Answered(attempt("b"), ("i1",), ()), None, "1 item and no rows"),
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


def test_an_unreadable_entry_stops_no_other(lake: Lake) -> None:
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


#: Numbers at and beyond the ends of the queue's columns.
ODD = st.sampled_from([0, 1, -1, 2**31 - 1, 2**31, 2**40, 2**63 - 1])
NAMES = st.sampled_from(["i1", "i2", "", " ", "x" * 100])
TIMES = st.sampled_from([NOON, at(9), NOON.replace(tzinfo=None)])
NEW_ITEMS = st.builds(NewItem, item_id=NAMES, account=NAMES, con_id=ODD, priority=ODD)
ATTEMPTS = st.builds(Attempt, batch_id=NAMES, worker=NAMES, started_at=TIMES, ended_at=TIMES)
HEADS = st.one_of(
    st.builds(Inserted, items=st.lists(NEW_ITEMS, max_size=2).map(tuple), at=TIMES),
    st.builds(
        Leased,
        overdue=st.lists(st.tuples(NAMES, NAMES), max_size=2).map(tuple),
        batches=st.lists(
            st.builds(
                Batch,
                batch_id=NAMES,
                leased_at=TIMES,
                lease_until=TIMES,
                items=st.lists(NEW_ITEMS, max_size=2).map(tuple),
            ),
            max_size=2,
        ).map(tuple),
        at=TIMES,
    ),
    st.builds(
        Answered,
        attempt=ATTEMPTS,
        succeeded=st.lists(NAMES, max_size=2).map(tuple),
        failed=st.lists(st.tuples(NAMES, NAMES), max_size=2).map(tuple),
    ),
    st.builds(
        Retried,
        rows=st.lists(
            st.builds(
                QueueRow,
                item_id=NAMES,
                account=NAMES,
                con_id=ODD,
                priority=ODD,
                state=st.just("failed"),
                revision=ODD,
                attempt=ODD,
                inserted_at=TIMES,
                ended_at=TIMES | st.none(),
            ),
            max_size=2,
        ).map(tuple),
        at=TIMES,
    ),
    st.builds(Rows, table=st.sampled_from(["position_updates", "quotes", "nowhere", ""])),
)


@settings(max_examples=examples(25))
@given(st.lists(st.tuples(HEADS, st.sampled_from([None, GOOD, WIDER, FEWER])), max_size=8))
def test_whatever_an_entry_says_the_others_land(
    empty_lake: Path, odd: list[tuple[Head, pa.RecordBatch | None]]
) -> None:
    """Every kind of head, with values that no column holds, between rows that are right."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(empty_lake, Path(folder) / "lake")
        lake, stream = Lake(str(Path(folder) / "lake")), MemoryStream()
        for number, (head, rows) in enumerate(odd):
            stream.append(head, rows)
            right = position_row(position(1000 + number), None, source="stream")
            stream.append(Rows("position_updates"), to_batch([right], POSITION_UPDATES.sent))
        Lander(lake, stream).land(at(1))
        assert stream.length() == 0
        landed = {con_id for (con_id,) in rows_of(lake, "position_updates", "con_id")}
        assert {1000 + number for number in range(len(odd))} <= landed
        # What is in the tables can be read again: a second lake worker starts from it.
        Lander(lake, stream).queue(at(2))


class PickyWriter(TableWriter):
    """A writer that fails with rows of contract 13, for a reason that no check foresees."""

    def land(
        self,
        batches: Sequence[pa.RecordBatch],
        upto: Offset,
        now: datetime,
        marks: Mapping[str, int] | None = None,
        open_since: OpenSince | None = None,
    ) -> int:
        for batch in batches:
            if "con_id" in batch.schema.names and 13 in batch.column("con_id").to_pylist():
                raise OverflowError("thirteen")
        return super().land(batches, upto, now, marks, open_since)


def test_an_entry_with_which_landings_fail_is_found_and_set_aside(lake: Lake) -> None:
    """Nothing of it is known before: fewer and fewer entries are tried, until it is alone."""
    stream = MemoryStream()
    for number in range(1, 41):
        row = position_row(position(number), None, source="stream")
        stream.append(Rows("position_updates"), to_batch([row], POSITION_UPDATES.sent))
    lander = Lander(lake, stream, open_writer=PickyWriter)
    failures = 0
    while stream.length():
        assert failures < 15, "halved each time"
        try:
            lander.land(at(1))
        except LakeError:
            failures += 1
    landed = sorted(con_id for (con_id,) in rows_of(lake, "position_updates", "con_id"))
    assert landed == [number for number in range(1, 41) if number != 13]
    [aside] = entries_set_aside(lake)
    assert "thirteen" in aside.reason


def test_rows_of_an_older_sender_land(lake: Lake) -> None:
    """They lack a column that came later; what a spool kept over an upgrade is not set aside."""
    stream = MemoryStream()
    stream.append(Rows("position_updates"), GOOD.drop_columns(["sequence", "strategy"]))
    Lander(lake, stream).land(at(1))
    assert rows_of(lake, "position_updates", "con_id, sequence") == [(1, None)]
    assert entries_set_aside(lake) == []
