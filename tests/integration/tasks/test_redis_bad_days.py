"""Bad days of Redis, with a real server and real processes: each ends by itself.

While a cause lasts no process ends and there is one line of it in each log; within 30 s of
its end rows land again.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.server_info import redis_facts
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.bus.trouble import SENTENCES, Trouble
from slotwise.lake.store import Lake
from tests.support.effort import with_effort
from tests.support.forked_child import ForkedChild
from tests.support.slowness import Slowness
from workers.launch import command
from workers.stack.celery_argv import beat_argv, worker_argv
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port
from workers.stack.processes import redis_spec

#: Processes have started within this, seconds, also on a loaded machine.
START_S = 60.0
#: The promise: everything goes on within this after the end of the cause, seconds.
BACK_S = 30.0
#: A process ends within this after TERM, seconds; on a loaded machine it has as much longer as it
#: waits for a processor. A task under way waits for each of its calls to Redis (5 s), and Celery's
#: steps have 4 s after it.
ENDS_S = 30.0
#: What is waited for is looked at again after this, seconds.
LOOK_S = 1.0
#: How long a reconciliation is asked for, seconds: a worker waits 20 s for a snapshot, and has to
#: fail to write its answer while Redis still refuses it.
ASKS_S = "25"
#: How long each cause lasts, seconds: several beats, and several connections that are refused.
LASTS_S = 6.0


class Stack:
    """A Redis of its own, two workers and beat."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.folder = folder
        self.server = Child(redis_spec(port, folder / "redis"))
        self.bus = Bus(f"redis://127.0.0.1:{port}/0")
        Lake(str(folder / "lake")).create()
        self.env = {
            "REDIS_URL": self.bus.url,
            "SLOTWISE_REDIS_URL": self.bus.url,
            "SLOTWISE_LAKE": str(folder / "lake"),
            "SLOTWISE_BEAT_S": "1",
        }
        argv = {"poll": worker_argv("poll", 1), "lake": worker_argv("lake"), "beat": beat_argv()}
        self.children = {
            name: ForkedChild(
                ChildSpec(name=name, argv=a, env=self.env, log=folder / f"{name}.log")
            )
            for name, a in argv.items()
        }

    def start(self) -> None:
        self.server.start()
        assert wait_until(lambda: not redis_facts(self.bus).error, START_S)
        for child in self.children.values():
            child.start()
        before = self.landings()
        assert wait_until(lambda: self.landings() > before + 1, START_S)

    def stop(self) -> None:
        stop_all([*self.children.values(), self.server])
        self.bus.close()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def asked(self) -> int:
        """Count the snapshots that were asked for."""
        return int(self.bus.redis.xlen(self.bus.key("commands")))

    def asked_beside_a_gateway(self) -> int:
        """Count as well, and say what a connected gateway says: without it nothing is asked."""
        now = datetime.now(UTC)
        status = GatewayStatus(
            at=now, session="ready", detail="", limit=100, lines={}, waiting=[],
            quotes_in_flight=0, positions=0, polled_at=now, connected_at=now, ticks=0,
            handler_errors={},
        )  # fmt: skip
        StatusBoard(self.bus).put(status)
        return self.asked()

    def landings(self) -> int:
        return self.log("lake").count("] landed ") + self.log("lake").count("] landed  ")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("bad-days"))
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def _out_of_memory(stack: Stack) -> Callable[[], None]:
    stack.bus.redis.config_set("maxmemory", "1mb")
    return lambda: stack.bus.redis.config_set("maxmemory", "0")


def _turned_replica(stack: Stack) -> Callable[[], None]:
    stack.bus.redis.execute_command("REPLICAOF", "127.0.0.1", "1")
    return lambda: stack.bus.redis.execute_command("REPLICAOF", "NO", "ONE")


def _cannot_save(stack: Stack) -> Callable[[], None]:
    # A folder in the place of the file: the saved file cannot be renamed to it, as root either.
    in_the_way = Path(stack.bus.redis.config_get("dir")["dir"]) / "dump.rdb"
    (in_the_way / "full").mkdir(parents=True)
    stack.bus.redis.config_set("save", "1 1")
    assert wait_until(lambda: redis_facts(stack.bus).trouble == "disk", START_S)
    return lambda: shutil.rmtree(in_the_way)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("cause", "trouble"),
    [(_out_of_memory, "memory"), (_turned_replica, "replica"), (_cannot_save, "disk")],
)
def test_redis_that_refuses_writes_ends_no_process_and_is_one_line(
    stack: Stack, cause: Callable[[Stack], Callable[[], None]], trouble: Trouble
) -> None:
    before = {name: len(stack.log(name)) for name in stack.children}
    end = cause(stack)
    try:
        assert redis_facts(stack.bus).trouble == trouble
        # Nothing may happen in this time, so it is waited for in full.
        wait_until(lambda: False, LASTS_S)
    finally:
        end()
    landings = stack.landings()
    assert wait_until(lambda: stack.landings() > landings, BACK_S)
    for name, child in stack.children.items():
        written = stack.log(name)[before[name] :]
        assert child.exit_status is None
        assert "Traceback" not in written
        assert written.count(SENTENCES[trouble]) <= 1
    assert SENTENCES[trouble] in stack.log("beat")
    assert not redis_facts(stack.bus).error


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("cause", "sentence"),
    [(_out_of_memory, "Redis is out of memory"), (_turned_replica, "Redis is a replica")],
)
def test_a_reconciliation_that_waits_while_redis_refuses_writes_ends_in_one_line(
    stack: Stack, cause: Callable[[Stack], Callable[[], None]], sentence: str
) -> None:
    """The gateway never gives its snapshot, so it waits; the worker cannot write its answer."""
    before, asked = len(stack.log("poll")), stack.asked_beside_a_gateway()
    asking = ForkedChild(
        ChildSpec(
            name="reconcile",
            argv=command("reconcile", "--timeout", ASKS_S),
            env=stack.env,
            log=stack.folder / f"reconcile-{cause.__name__}.log",
        )
    )
    asking.start()
    assert wait_until(lambda: stack.asked_beside_a_gateway() > asked, START_S)
    end = cause(stack)
    try:
        assert wait_until(lambda: asking.exit_status is not None, 45)
    finally:
        end()
        stop_all([asking])
    landings = stack.landings()
    assert wait_until(lambda: stack.landings() > landings, BACK_S)
    written = asking.spec.log.read_text()
    assert len(written.strip().splitlines()) == 1, written
    assert written.startswith(f"slotwise: the reconciliation failed: {sentence}"), written
    assert "Traceback" not in stack.log("poll")[before:]


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("away", "lasts_s"),
    [
        (signal.SIGKILL, 8.0),
        (signal.SIGSTOP, 0.0),
        pytest.param(signal.SIGKILL, 0.0, marks=with_effort),
        pytest.param(signal.SIGSTOP, 8.0, marks=with_effort),
    ],
)
def test_processes_end_soon_after_term_while_redis_is_away(
    stack: Stack, away: signal.Signals, lasts_s: float
) -> None:
    """They connect again all the time meanwhile; of a server that hangs each step waits."""
    assert stack.server.pid is not None
    lock = stack.bus.key("lease", "lake", "lock")
    # The worst moment: a task is under way, and waits for each of its calls.
    assert wait_until(lambda: bool(stack.bus.redis.exists(lock)), START_S, step_s=0.0)
    os.kill(stack.server.pid, away)
    try:
        wait_until(lambda: False, lasts_s)
        slowness = Slowness(lambda: [c.pid for c in stack.children.values() if c.pid is not None])
        began = time.monotonic()
        for child in stack.children.values():
            child.ask_to_stop()
        for name, child in stack.children.items():
            while not wait_until(partial(has_ended, child), LOOK_S):
                assert time.monotonic() - began < ENDS_S * slowness.factor(), name
            assert "Traceback" not in stack.log(name)
    finally:
        if away is signal.SIGSTOP:
            os.kill(stack.server.pid or 0, signal.SIGCONT)
        stop_all([*stack.children.values(), stack.server])
        stack.start()


@pytest.mark.timeout(240)
def test_clients_that_are_cut_off_twelve_times_come_back(stack: Stack) -> None:
    own = stack.bus.redis.client_id()
    for _ in range(12):
        for client in stack.bus.redis.client_list():
            if int(client["id"]) != own:
                stack.bus.redis.client_kill_filter(_id=client["id"])
        wait_until(lambda: False, 0.4)
    landings = stack.landings()
    assert wait_until(lambda: stack.landings() > landings, BACK_S)
    assert [child.exit_status for child in stack.children.values()] == [None, None, None]


def has_ended(child: Child) -> bool:
    return child.exit_status is not None
