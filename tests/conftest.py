"""What every test may ask for: an embedded Redis, a bus of its own, an empty lake."""

from __future__ import annotations

import atexit
import gc
import os
import secrets
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from slotwise.bus.client import Bus
from slotwise.errors import BusError
from slotwise.lake.store import Lake
from tests.support.effort import EFFORT, IS_QUICK, QUICK
from tests.support.process_count import process_count
from tests.support.schedule import NOT_QUICK, Scheduling, sort_by_length
from workers.stack.child import Child, stop_all, wait_until
from workers.stack.ports import free_port
from workers.stack.processes import redis_spec

#: The embedded Redis answers within this, seconds.
REDIS_START_S = 15.0

# The same examples on every run, so that a red run can be run again; see support.effort.
hypothesis.settings.register_profile(
    "tests",
    deadline=None,
    max_examples=8 if IS_QUICK else 20,
    derandomize=EFFORT not in os.environ,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.function_scoped_fixture,
    ],
)
hypothesis.settings.load_profile("tests")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many test processes `-n auto` means."""
    return process_count()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    """Return the scheduler that gives each test process its units of work."""
    return Scheduling(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of `make unit`; `tests.support.effort` reads it."""
    parser.addoption(QUICK, action="store_true", help="few examples, and no test that takes long")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out of a quick run what takes long."""
    if not IS_QUICK:
        return None
    return collection_path.relative_to(config.rootpath).as_posix() in NOT_QUICK or None


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Collect without a look for garbage, and leave out of each later one what is there to stay.

    Modules and tests are a million objects; to go through them takes half a second each time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        # DuckDB reports what is still there when the interpreter ends.
        atexit.register(gc.unfreeze)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that the end is not one test that all wait for."""
    sort_by_length(items)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One embedded Redis for the whole run; tests keep apart by key prefix."""
    port = free_port()
    server = Child(redis_spec(port, tmp_path_factory.mktemp("redis")))
    server.start()
    probe = Bus(f"redis://127.0.0.1:{port}/0")

    def answers() -> bool:
        try:
            probe.ping()
        except BusError:
            return server.exit_status is not None
        return True

    try:
        assert wait_until(answers, REDIS_START_S), "the embedded Redis does not answer"
        assert server.exit_status is None, f"the embedded Redis ended: {server.last_words()}"
        yield probe.url
    finally:
        probe.close()
        stop_all([server])


@pytest.fixture
def key_prefix() -> str:
    """A prefix of Redis keys that no other test uses."""
    return f"test-{secrets.token_hex(6)}:"


@pytest.fixture
def bus(redis_url: str, key_prefix: str) -> Iterator[Bus]:
    """A bus that shares no key with another test."""
    bus = Bus(redis_url, key_prefix)
    yield bus
    bus.close()


@pytest.fixture(scope="session")
def empty_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with every table and no row, made once: copy it, never write to it."""
    folder = tmp_path_factory.mktemp("template") / "lake"
    Lake(str(folder)).create()
    return folder


@pytest.fixture
def lake(empty_lake: Path, tmp_path: Path) -> Lake:
    """An empty lake of the test's own."""
    folder = tmp_path / "lake"
    shutil.copytree(empty_lake, folder)
    return Lake(str(folder))
