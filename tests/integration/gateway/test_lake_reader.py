"""A gateway reads the lake by another process, which is there for as long as anything is asked."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from slotwise.errors import LakeAbsentError, LakeError
from slotwise.lake.book import book, still_held
from slotwise.lake.openings import openings_of_day
from slotwise.lake.registry_store import DeltaRegistryStore, open_registry
from slotwise.lake.store import Lake
from slotwise.registry import StrategyRegistry
from slotwise.rules.registry_changes import RegistryChange, RegistryState
from slotwise.rules.valuation import position_row
from tests.support.landed import put
from tests.support.values import NOON, at, position
from workers.gateway.lake_reader import LakeReader
from workers.stack.child import wait_until


@pytest.fixture
def reader(lake: Lake) -> LakeReader:
    return LakeReader(lake.address, lambda: None)


@pytest.fixture
def hanging(lake: Lake) -> str:
    """A lake one of whose files is never read to its end: it is a pipe without a writer."""
    os.mkfifo(f"{lake.address}/position_updates/_delta_log/_last_checkpoint")
    return lake.address


def test_it_says_what_the_lake_says(lake: Lake, reader: LakeReader) -> None:
    """By one process for all, and one more where that was killed."""
    open_registry(lake.address).activate("condor", [1, 2], NOON)
    rows = [position_row(position(n), None, source="batch") for n in (1, 2)]
    put(lake, "position_updates", rows, NOON)
    try:
        assert reader.read(RegistryState()) == DeltaRegistryStore(lake).read(RegistryState())
        pid = reader.pid()
        assert list(reader.book()) == still_held(book(lake))
        assert len(reader.book()) == 2
        assert (reader.contracts(), reader.quotes()) == ((), {})
        read, there = reader.openings(NOON), openings_of_day(lake, NOON)
        assert (read.known, read.begun, read.held) == (True, there.begun, there.held)
        assert read.held
        assert reader.pid() == pid
        os.kill(pid or 0, signal.SIGKILL)
        with pytest.raises(LakeError, match="was not read"):
            reader.book()
        assert len(reader.book()) == 2
    finally:
        reader.close()
    assert reader.pid() is None


def test_a_registry_with_nothing_new_is_not_asked_about(lake: Lake, reader: LakeReader) -> None:
    """Nor one whose change was announced: the folder says that no other was made."""
    told: list[RegistryChange] = []
    desk, registry = open_registry(lake.address, told.append), StrategyRegistry(reader)
    reader.close()
    desk.activate("condor", [1], NOON)
    assert registry.follow(told[0])
    assert not registry.reload()
    assert reader.pid() is None
    desk.activate("single", [2], at(1))
    assert registry.reload()
    assert reader.pid() is not None
    reader.close()
    assert list(registry.wanted()) == [1, 2]


def test_an_absent_lake_and_another_one_differ_from_one_that_is_there(
    lake: Lake, reader: LakeReader
) -> None:
    known = reader.read(RegistryState())
    try:
        other = LakeReader(lake.address, lambda: "another")
        with pytest.raises(LakeAbsentError, match="there is another lake"):
            other.book()
        other.close()
        shutil.move(lake.address, f"{lake.address}-away")
        assert not reader.openings(NOON).known
        for question in (lambda: reader.read(known), reader.book):
            with pytest.raises(LakeAbsentError, match="there is none"):
                question()
    finally:
        reader.close()


def test_a_lake_that_hangs_is_waited_for_no_longer_than_an_answer_may_take(hanging: str) -> None:
    reader = LakeReader(hanging, lambda: None, answer_s=1.0)
    with pytest.raises(LakeError, match="was not read"):
        reader.book()
    assert reader.pid() is None


def test_a_gateway_ends_while_its_lake_hangs(hanging: str) -> None:
    """What waits for the answer gets the error that there is none."""
    reader = LakeReader(hanging, lambda: None)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(reader.book)
        assert wait_until(lambda: reader.pid() is not None, 20)
        reader.close()
        with pytest.raises(LakeError, match="was not read"):
            asked.result(20)
    assert reader.pid() is None


def test_it_ends_with_the_gateway_even_a_killed_one(lake: Lake) -> None:
    code = (
        "import sys, time; from workers.gateway.lake_reader import LakeReader;"
        " reader = LakeReader(sys.argv[1], lambda: None); reader.book();"
        " print(reader.pid(), flush=True); time.sleep(60)"
    )
    gateway = subprocess.Popen(
        (sys.executable, "-c", code, lake.address), stdout=subprocess.PIPE, text=True
    )
    assert gateway.stdout is not None
    pid = int(gateway.stdout.readline())
    process = psutil.Process(pid)
    gateway.kill()
    gateway.wait()
    gateway.stdout.close()
    process.wait(timeout=20)
    assert not process.is_running()


def test_a_gateway_does_not_load_what_opens_delta_tables() -> None:
    """It takes more memory than all else of it."""
    code = (
        "import sys, workers.gateway.command;"
        " sys.exit(str(sorted({'deltalake', 'arro3'} & set(sys.modules))) if"
        " {'deltalake', 'arro3'} & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
