"""The spool on disk and the flow from it to Redis, of which either may fail at any time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from slotwise.bus.landing_stream import Kept
from slotwise.rules.landing import Rows
from tests.support.memory_stream import MemoryStream
from workers.gateway.outbox.spool import Spool, left_by_others
from workers.gateway.outbox.spool_flow import LOOK_S, SpoolFlow


def kept(number: int, size: int = 1) -> Kept:
    """Make an entry."""
    return Kept(number, 0, b"h" * size, None)


@pytest.fixture(params=["disk", "memory"])
def spool(request: pytest.FixtureRequest, tmp_path: Path) -> Spool:
    return Spool(tmp_path / "deep" / "spool.sqlite" if request.param == "disk" else None)


def test_entries_come_back_in_order_each_with_the_one_before(spool: Spool) -> None:
    """0 stands for none: what came earlier has landed."""
    spool.put([kept(5), kept(9)])
    spool.put([kept(20)])
    assert [(e.number, e.before) for e in spool.after(0, 10)] == [(5, 0), (9, 5), (20, 9)]
    assert [(e.number, e.before) for e in spool.after(5, 1)] == [(9, 5)]
    spool.forget(9)
    assert [(e.number, e.before) for e in spool.after(0, 10)] == [(20, 0)]
    assert spool.count() == 1


def test_a_spool_outlives_its_process_and_keeps_its_name(tmp_path: Path) -> None:
    """Its numbers go on beyond all that were used, also where the last entries are gone."""
    first = Spool(tmp_path / "s")
    number = first.first_number()
    first.put([kept(number)])
    first.close()
    second = Spool(tmp_path / "s")
    assert second.name == first.name
    assert [e.number for e in second.after(0, 10)] == [number]
    assert second.first_number() > number
    second.forget(number)
    second.close()
    assert Spool(tmp_path / "s").first_number() > number
    assert Spool(tmp_path / "other").name != first.name


def test_a_disk_that_refuses_is_replaced_by_memory_and_comes_back(tmp_path: Path) -> None:
    """Nothing is lost in between, and the order stays."""
    path = tmp_path / "s"
    spool = Spool(path, busy_s=0.01)
    spool.put([kept(1)])
    # Another process holds the file: like a full disk, it refuses every write.
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    spool.put([kept(2)])
    spool.put([kept(3)])
    assert [(e.number, e.before) for e in spool.after(0, 10)] == [(1, 0), (2, 1), (3, 2)]
    assert "locked" in spool.refused
    other.execute("ROLLBACK")
    other.close()
    spool.put([kept(4)])
    assert spool.refused == ""
    spool.close()
    assert [e.number for e in Spool(path).after(0, 10)] == [1, 2, 3, 4]
    assert spool.lost == 0


def test_a_folder_that_cannot_be_made_is_no_reason_to_stop(tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "file").write_text("")
    spool = Spool(tmp_path / "file" / "s")
    spool.put([kept(1)])
    assert [e.number for e in spool.after(0, 10)] == [1]


def test_a_full_spool_gives_up_its_oldest_and_counts_them(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", max_bytes=1000)
    for number in range(1, 31):
        spool.put([kept(number, 50)])
    left = [e.number for e in spool.after(0, 100)]
    assert left == list(range(31 - len(left), 31))
    assert 15 <= len(left) <= 20
    assert spool.lost == 30 - len(left)


def test_memory_has_a_bound_too() -> None:
    spool = Spool(None, max_in_memory=3)
    spool.put([kept(number) for number in range(1, 6)])
    assert [e.number for e in spool.after(0, 10)] == [3, 4, 5]
    assert spool.lost == 2


def test_no_more_than_a_window_is_in_redis_while_nothing_lands() -> None:
    stream = MemoryStream()
    flow = SpoolFlow(stream, Spool(None), window=4)
    flow.put([(Rows("quotes"), None)] * 10)
    while flow.send(0.0):
        pass
    assert stream.length() == 4
    # The lake worker lands two of them and says so.
    second = stream.read(0, 10)[1]
    assert second.origin is not None
    stream.drop(second.offset)
    stream.report_landed({second.origin.spool: second.origin.number})
    flow.send(LOOK_S)
    assert flow.landed == 2
    assert stream.length() == 4
    assert len(stream.history) == 6


def test_two_gateways_on_one_machine_have_each_their_own_spool(tmp_path: Path) -> None:
    """The last entries of the one, made after the other began, are sent too."""
    stream = MemoryStream()
    one = SpoolFlow(stream, Spool(tmp_path / "s.sqlite"))
    other = SpoolFlow(stream, Spool(tmp_path / "s.sqlite"))
    for number, flow in enumerate((one, other, one, other)):
        flow.put([(Rows(f"t{number}"), None)])
        flow.send(0.0)
    assert [entry.head for entry in stream.read(0, 10)] == [Rows(f"t{n}") for n in range(4)]


def test_what_a_gateway_left_is_sent_by_the_next_on_the_machine(tmp_path: Path) -> None:
    """A standby that took over while the first one lived, and goes on when it is gone."""
    path, stream = tmp_path / "s.sqlite", MemoryStream()
    first = Spool(path)
    flow = SpoolFlow(stream, first)
    standby = Spool(path)
    flow.put([(Rows("last"), None)])
    assert left_by_others(path) == [], "it lives"
    first.close()
    [left] = left_by_others(path)
    adopted = SpoolFlow(stream, left, grows=False)
    adopted.send(0.0)
    [entry] = stream.read(0, 10)
    assert entry.head == Rows("last")
    assert entry.origin is not None
    assert entry.origin.spool == first.name != standby.name
    stream.report_landed({entry.origin.spool: entry.origin.number})
    adopted.send(LOOK_S)
    assert adopted.is_empty()
    adopted.close()
    assert left_by_others(path) == [], "nothing is left"


def test_a_spool_file_that_is_broken_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"this is no SQLite file" * 100)
    spool = Spool(tmp_path / "s")
    spool.put([kept(spool.first_number())])
    spool.close()
    assert Spool(tmp_path / "s").count() == 1
    assert len(list(tmp_path.glob("s.broken-*"))) == 1


def test_a_spool_put_back_from_an_older_copy_uses_no_number_twice(tmp_path: Path) -> None:
    """A disk was restored: Redis and the lake know numbers that the file does not."""
    path, stream = tmp_path / "s", MemoryStream()

    def start() -> tuple[Spool, SpoolFlow]:
        spool = Spool(path)
        return spool, SpoolFlow(stream, spool)

    spool, flow = start()
    spool.close()
    copy = path.read_bytes()
    for name in ("t0", "t1"):
        spool, flow = start()
        flow.put([(Rows(name), None)])
        flow.send(0.0)
        spool.close()
    newest = stream.read(0, 10)[-1].origin
    assert newest is not None
    stream.report_landed({newest.spool: newest.number})
    for end in ("-wal", "-shm"):
        path.with_name(f"s{end}").unlink(missing_ok=True)
    path.write_bytes(copy)
    spool, flow = start()
    assert spool.name == newest.spool
    flow.put([(Rows("t2"), None)])
    flow.send(0.0)
    assert [entry.head for entry in stream.read(0, 10)] == [Rows("t0"), Rows("t1"), Rows("t2")]
    assert flow.landed == 0
