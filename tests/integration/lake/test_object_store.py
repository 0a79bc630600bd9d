"""A lake in an object store: the same landings, the same fences, the same answers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from slotwise.errors import LakeAbsentError, LakeError, StaleWriterError
from slotwise.lake.arrow import to_batch
from slotwise.lake.book import book
from slotwise.lake.first_start import begin
from slotwise.lake.lander import Lander
from slotwise.lake.maintenance import CLOSED_DAY_FILES, maintain, table_state
from slotwise.lake.queries import QueueTotals, queue_totals, unfinished_items
from slotwise.lake.registry_store import open_registry
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.rules.landing import Answered, Inserted
from slotwise.rules.valuation import position_row
from tests.support.memory_stream import MemoryStream
from tests.support.object_store import object_store
from tests.support.values import NOON, attempt, item, position


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Run a store for this module."""
    with object_store(tmp_path_factory.mktemp("store")) as env:
        yield env


@pytest.fixture
def address(
    store: dict[str, str], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Give each test a lake of its own."""
    for name, value in store.items():
        monkeypatch.setenv(name, value)
    return f"s3://bucket/{request.node.name}"


def send(stream: MemoryStream, number: int) -> None:
    """Insert one item and answer it."""
    rows = [
        position_row(position(number), None, source="batch", item_id=f"i{number}", batch_id="b")
    ]
    stream.append(Inserted((item(number),), NOON))
    stream.append(
        Answered(attempt("b"), (f"i{number}",), ()), to_batch(rows, POSITION_UPDATES.sent)
    )


def test_what_lands_is_read_back_and_maintained(address: str) -> None:
    lake, stream = Lake(address), MemoryStream()
    lake.create()
    lander = Lander(lake, stream)
    count = CLOSED_DAY_FILES + 1
    for number in range(1, count + 1):
        send(stream, number)
        lander.land(NOON)
    assert queue_totals(lake) == QueueTotals(count, count, 0, 0)
    assert {done.files_after for done in maintain(lake, NOON.date() + timedelta(days=1))} == {1}
    assert (table_state(lake, "position_updates").rows, len(book(lake))) == (count, count)
    send(stream, count + 1)
    lander.land(NOON)
    assert len(book(lake)) == count + 1


def test_a_second_lander_is_refused_and_lands_nothing_twice(address: str) -> None:
    """The store's conditional put is the fence."""
    lake, stream = Lake(address), MemoryStream()
    lake.create()
    one, other = Lander(lake, stream), Lander(lake, stream)
    stream.append(Inserted((item(1),), NOON))
    one.queue(NOON)
    other.queue(NOON)
    one.land(NOON)
    with pytest.raises(StaleWriterError):
        other.land(NOON)
    other.land(NOON)
    assert [row.item_id for row in unfinished_items(lake)] == ["i1"]
    assert queue_totals(lake).inserted == 1


def test_strategies_are_kept_there(address: str) -> None:
    Lake(address).create()
    open_registry(address).activate("condor", [1, 2], datetime.now(UTC))
    assert [s.con_ids for s in open_registry(address).strategies()] == [(1, 2)]


class Memory:
    """What the system remembers of its lake."""

    identity: str | None = None

    def expected(self) -> str | None:
        return self.identity

    def asked(self) -> str | None:
        return self.identity

    def remember(self, identity: str) -> None:
        self.identity = self.identity or identity


def test_a_first_start_makes_the_lake_there_and_nothing_else_does(address: str) -> None:
    memory = Memory()
    lake = Lake(address, memory.expected)
    for use in (book, queue_totals, open_registry):
        with pytest.raises(LakeAbsentError):
            use(lake)
    assert not lake.is_made()
    begin(lake, memory)
    assert memory.identity == lake.identity()
    assert book(lake) == []
    memory.identity = "another lake"
    with pytest.raises(LakeAbsentError, match="another lake"):
        begin(Lake(address, memory.expected), memory)


def test_a_store_that_is_not_there_is_one_line(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SLOTWISE_LAKE", address)
    ended = subprocess.run(
        [sys.executable, "-m", "workers.cli", "lake"],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert address in line


def test_an_unsafe_way_to_write_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_S3_LOCKING_PROVIDER", "dynamodb")
    with pytest.raises(LakeError, match="AWS_S3_LOCKING_PROVIDER"):
        Lake("s3://bucket/lake")
