"""The reader: one reading for all pages, the last holdings while nothing can be read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import fakeredis
import msgspec
import pytest

from slotwise.account import forget_accounts
from slotwise.bus.client import Bus
from slotwise.bus.status import QueueStatus, StatusBoard, VerdictStatus
from slotwise.client.holdings import Holdings
from slotwise.errors import BusAwayError, NoSystemError, SlotwiseError
from tests.unit.web.rows import holdings, row
from workers.web.frame import Frame
from workers.web.reader import CPU_SHARE, INTERVAL_S, NO_VERDICT, FrameReader, Reader, pause_s

ACCOUNT = "XX1234567"


class Source:
    """Holdings for the reader, or the error that reading them has."""

    def __init__(self) -> None:
        self.error: SlotwiseError | None = None

    def read(self) -> Holdings:
        if self.error is not None:
            raise self.error
        return holdings(row(account=ACCOUNT), when=datetime.now(UTC))


@pytest.fixture
def server() -> fakeredis.FakeServer:
    return fakeredis.FakeServer()


@pytest.fixture
def bus(server: fakeredis.FakeServer) -> Iterator[Bus]:
    yield Bus.over(fakeredis.FakeRedis(server=server))
    forget_accounts()


def verdict(age_s: float = 0.0) -> VerdictStatus:
    return VerdictStatus(
        at=datetime.now(UTC) - timedelta(seconds=age_s),
        standing="wrong",
        state="tws_away",
        sentence=f"TWS is away, and {ACCOUNT} is not read",
        advice="start TWS",
    )


def test_headline_is_the_published_verdict_and_accounts_are_masked(bus: Bus) -> None:
    StatusBoard(bus).put(verdict())
    reader = FrameReader(bus, Source(), lambda: None, whole_accounts=False)
    reader.next()
    headline = reader.next().headline
    assert headline.sentence == "TWS is away, and ******567 is not read"
    assert (headline.standing, headline.advice) == ("wrong", "start TWS")


def test_without_a_monitor_the_verdict_is_unknown(bus: Bus) -> None:
    assert (
        FrameReader(bus, Source(), lambda: None, whole_accounts=False).next().headline == NO_VERDICT
    )


def test_last_holdings_stay_while_redis_is_away(bus: Bus, server: fakeredis.FakeServer) -> None:
    source = Source()
    reader = FrameReader(bus, source, lambda: None, whole_accounts=True)
    before = reader.next()
    source.error, server.connected = BusAwayError("Redis: no answer"), False
    after = reader.next()
    assert (after.facts, after.live, after.number) == (before.facts, before.live, 2)
    assert after.trouble == "Redis: no answer"
    assert after.headline.standing != "well"
    source.error, server.connected = None, True
    again = reader.next()
    assert (again.trouble, again.number) == ("", 3)
    assert again.at > after.at


def test_queue_is_shown_where_no_positions_are_published(bus: Bus) -> None:
    source = Source()
    source.error = NoSystemError("no positions are published")
    now = datetime.now(UTC)
    StatusBoard(bus).put(
        QueueStatus(
            at=now, waiting=5, leased=0, batches=0, oldest_s=1, landed_rows=0, landing_entries=0,
            commit_ms=0,
        )
    )  # fmt: skip
    frame = FrameReader(bus, source, lambda: None, whole_accounts=False).next()
    assert frame.trouble == "no positions are published"
    assert frame.system.queue is not None
    assert frame.system.queue.waiting == 5


def test_reading_happens_only_while_it_is_wanted() -> None:
    read, published = threading.Event(), threading.Event()

    def next_frame() -> Frame:
        read.set()
        return Frame(number=1, at=datetime.now(UTC), headline=NO_VERDICT)

    reader = Reader(next_frame, lambda frame: published.set())
    try:
        assert not read.wait(0.3)
        reader.want(wanted=True)
        assert published.wait(5)
    finally:
        reader.close()


def test_reading_that_fails_is_tried_again() -> None:
    tries: list[int] = []
    done = threading.Event()

    def next_frame() -> Frame:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("a fault")
        return Frame(number=1, at=datetime.now(UTC), headline=NO_VERDICT)

    reader = Reader(next_frame, lambda frame: done.set())
    try:
        reader.want(wanted=True)
        # The fault is logged with its values first, and a pause follows the CPU that this takes.
        assert done.wait(60)
    finally:
        reader.close()


def test_large_portfolio_is_read_less_often() -> None:
    assert pause_s(0.01) == INTERVAL_S
    assert pause_s(3.0) == pytest.approx(3.0 / CPU_SHARE)


def test_boards_of_another_version_are_named(bus: Bus) -> None:
    class Broken(Source):
        def read(self) -> Holdings:
            raise msgspec.ValidationError("expected `int`")

    frame = FrameReader(bus, Broken(), lambda: None, whole_accounts=False).next()
    assert "of another version" in frame.trouble
