"""What goes to Redis goes in order and once, however often Redis is away."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial

import pytest
from structlog.testing import capture_logs

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.bus.polled_quotes import PolledQuotes
from slotwise.errors import BusError
from slotwise.quote import Quote
from tests.support.values import at, position, quote
from workers.gateway.outbox.publisher import MAX_JOBS, Publisher
from workers.gateway.outbox.quote_board_writer import QuoteOutbox


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    yield made
    made.close()


class Gate:
    """Hold the publisher's thread at a step until it is opened."""

    def __init__(self, publisher: Publisher) -> None:
        self.inside = threading.Event()
        self._open = threading.Event()
        publisher.send(self._step)
        assert self.inside.wait(5)

    def _step(self) -> None:
        self.inside.set()
        assert self._open.wait(5)

    def open(self) -> None:
        self._open.set()


def test_jobs_keep_their_order(publisher: Publisher) -> None:
    """Steps are done in the order they were sent."""
    done: list[int] = []
    for number in range(100):
        publisher.send(partial(done.append, number))
    publisher.close()
    assert done == list(range(100))


def test_a_job_goes_on_at_the_step_that_failed(publisher: Publisher) -> None:
    """While Redis is away nothing is skipped, and nothing is done twice."""
    done: list[str] = []
    failures = [BusError("away"), BusError("away")]

    def second() -> None:
        if failures:
            raise failures.pop()
        done.append("second")

    publisher.send(lambda: done.append("first"), second, lambda: done.append("third"))
    publisher.send(lambda: done.append("next job"))
    finished = threading.Event()
    publisher.send(finished.set)
    assert finished.wait(5)
    assert done == ["first", "second", "third", "next job"]


def test_news_replaces_news_that_waits(publisher: Publisher) -> None:
    """Of one slot only the newest job is done; jobs without a slot are all done."""
    done: list[str] = []
    gate = Gate(publisher)
    publisher.send(lambda: done.append("old status"), slot="status")
    publisher.send(lambda: done.append("row"))
    publisher.send(lambda: done.append("new status"), slot="status")
    gate.open()
    publisher.close()
    assert done == ["row", "new status"]


def test_a_job_that_cannot_be_done_stops_no_other(publisher: Publisher) -> None:
    """A bug in one job is logged, and the next job is done."""
    done = threading.Event()
    publisher.send(lambda: 1 // 0)
    publisher.send(done.set)
    assert done.wait(5)


def test_memory_is_bounded(publisher: Publisher) -> None:
    """Beyond the bound the oldest jobs are lost, and counted."""
    gate = Gate(publisher)
    for _ in range(MAX_JOBS + 3):
        publisher.send(lambda: None)
    assert (publisher.waiting(), publisher.lost) == (MAX_JOBS, 3)
    gate.open()


def test_the_end_comes_although_redis_is_away() -> None:
    """Closing gives up after a while instead of hanging."""

    def away() -> None:
        raise BusError("away")

    publisher = Publisher()
    publisher.send(away)
    publisher.close()


class Board(QuoteBoard):
    """A quote board that can be away."""

    def __init__(self) -> None:
        self.away = False
        self.puts: list[list[Quote]] = []

    def put(self, quotes: Iterable[Quote]) -> None:
        if self.away:
            self.away = False
            raise BusError("away")
        self.puts.append(list(quotes))


def test_quotes_are_conflated(publisher: Publisher) -> None:
    """Between two flushes only the newest quote of a contract is sent, all in one step."""
    board = Board()
    outbox = QuoteOutbox(publisher, board)
    for last in (1, 2, 3):
        outbox.put(quote(1, last=last))
    outbox.put(quote(2, last=9))
    outbox.flush()
    outbox.flush()
    publisher.close()
    assert [[(q.con_id, q.last) for q in put] for put in board.puts] == [
        [(1, Decimal(3)), (2, Decimal(9))]
    ]


def test_quotes_survive_an_absence(publisher: Publisher) -> None:
    """What could not be sent is sent later, unless a newer quote took its place."""
    board = Board()
    board.away = True
    outbox = QuoteOutbox(publisher, board)
    outbox.put(quote(1, last=1))
    outbox.flush()
    finished = threading.Event()
    publisher.send(finished.set)
    assert finished.wait(5)
    assert [[q.last for q in put] for put in board.puts] == [[1]]
    outbox.repeat()
    outbox.flush()
    publisher.close()
    assert [[q.last for q in put] for put in board.puts] == [[1], [1]]


def test_positions_are_valued_with_what_was_known_when_they_were_observed(
    publisher: Publisher, bus: Bus
) -> None:
    """Also where the newest quote came between the position and the end of its snapshot."""
    polled = PolledQuotes(bus)
    outbox = QuoteOutbox(publisher, Board(), polled)
    outbox.put(quote(1, last=1, observed_at=at(-5)))
    outbox.put(quote(1, last=2, observed_at=at(-1)))
    outbox.flush()
    outbox.put(quote(2, last=3, observed_at=at(-2)))
    outbox.put(quote(2, last=4, observed_at=at(1)))
    outbox.put(quote(3, last=5, observed_at=at(2)))
    held = [position(n) for n in (1, 2, 3, 4)]
    outbox.send_polled(outbox.as_of(held), held)
    outbox.send_pushed(position(3, observed_at=at(2)))
    publisher.close()
    assert {n: one.last for n, one in polled.get([1, 2, 3, 4]).items()} == {1: 2, 2: 3, 3: 5}


def test_lost_jobs_are_reported_once_with_their_number(publisher: Publisher) -> None:
    """An outage beyond the bound leaves one line that says how much is missing."""
    gate = Gate(publisher)
    with capture_logs() as logs:
        for _ in range(MAX_JOBS + 7):
            publisher.send(lambda: None)
        gate.open()
        publisher.close()
    reported = [entry["jobs"] for entry in logs if "dropped" in entry["event"]]
    assert reported == [7]
    assert publisher.lost == 7


def test_an_outage_within_the_bound_reports_no_loss(publisher: Publisher) -> None:
    gate = Gate(publisher)
    with capture_logs() as logs:
        publisher.send(lambda: None)
        gate.open()
        publisher.close()
    assert not [entry for entry in logs if "dropped" in entry["event"]]
