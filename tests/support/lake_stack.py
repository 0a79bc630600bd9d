"""A system with a lake that tests take away, tear and write to: Redis, simulator, gateway, workers.

Its processes run in a folder of their own, with an `.env` that has a mistake in it.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from slotwise.bus.client import Bus
from slotwise.bus.server_info import redis_facts
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.errors import LakeError
from slotwise.lake.queries import ask
from slotwise.lake.store import Lake
from tests.support.command_process import run_command
from tests.support.forked_child import ForkedChild
from workers.stack.celery_argv import beat_argv, worker_argv
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port
from workers.stack.processes import gateway_spec, redis_spec, simulator_spec

#: Processes have started within this, seconds, also on a loaded machine.
START_S = 90.0
#: The promise: everything goes on within this after the end of the cause, seconds.
BACK_S = 30.0
POSITIONS = 30
#: A name in `.env` that is no setting, and the one that was meant.
MISTAKE, MEANT = "SLOTWISE_RECONCILE_INTERVALS_S", "SLOTWISE_RECONCILE_INTERVAL_S"


class LakeStack:
    """Redis, simulator, gateway, two workers and beat; nothing makes the lake for them."""

    def __init__(self, folder: Path) -> None:
        redis_port, ib_port = free_port(), free_port()
        self.folder, self.mount = folder, folder / "mount"
        self.server = Child(redis_spec(redis_port, folder / "redis"))
        self.bus = Bus(f"redis://127.0.0.1:{redis_port}/0")
        self.env = {
            "REDIS_URL": self.bus.url,
            "SLOTWISE_REDIS_URL": self.bus.url,
            "SLOTWISE_LAKE": str(self.mount),
            "SLOTWISE_SPOOL": str(folder / "spool"),
            "SLOTWISE_BEAT_S": "1",
            "SLOTWISE_POLL_INTERVAL_S": "2",
            "SLOTWISE_RECONCILE_INTERVAL_S": "3600",
            # No test here is about quotes in turn, which take most of a gateway's CPU.
            "SLOTWISE_ROTATION": "false",
            "SLOTWISE_IB_PORT": str(ib_port),
            "SLOTWISE_IB_CONNECT_TIMEOUT_S": "0",
        }
        simulator = (
            *("--host", "127.0.0.1", "--port", str(ib_port), "--positions", str(POSITIONS)),
            *("--settle", "quick"),
        )
        argv = {"poll": worker_argv("poll", 1), "lake": worker_argv("lake"), "beat": beat_argv()}
        (folder / "logs").mkdir()
        self.desk = folder / "desk"
        self.desk.mkdir()
        (self.desk / ".env").write_text(f"{MISTAKE}=9\n")
        self.children = {
            "simulator": ForkedChild(simulator_spec(simulator, self.env, folder)),
            "gateway": ForkedChild(self._there(gateway_spec(self.env, folder))),
            **{
                name: ForkedChild(
                    self._there(ChildSpec(name=name, argv=a, env=self.env, log=self.log_file(name)))
                )
                for name, a in argv.items()
            },
        }
        self.lake = Lake(str(self.mount))

    def start(self) -> None:
        self.server.start()
        assert wait_until(lambda: not redis_facts(self.bus).error, START_S)
        for child in self.children.values():
            child.start()
        assert wait_until(lambda: self.rows() >= POSITIONS, START_S), self.log("lake")

    def stop(self) -> None:
        stop_all([*self.children.values(), self.server])
        self.bus.close()

    def kill(self, name: str) -> None:
        """End a process as a power cut does."""
        child = self.children[name]
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        assert wait_until(lambda: child.exit_status is not None, BACK_S)

    def log_file(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def log(self, name: str) -> str:
        return self.log_file(name).read_text(errors="replace")

    def all_run(self) -> bool:
        return all(child.exit_status is None for child in self.children.values())

    def _there(self, spec: ChildSpec) -> ChildSpec:
        """Return a process that runs in the desk's folder."""
        argv = ("/bin/sh", "-c", 'cd "$0" && exec "$@"', str(self.desk), *spec.argv)
        return msgspec.structs.replace(spec, argv=argv)

    def rows(self) -> int:
        try:
            [found] = self.ask("SELECT count(*) AS n FROM position_updates")
        except LakeError:
            return 0
        return int(found["n"])

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """Ask the table of positions."""
        return ask(self.lake, sql, "position_updates")

    def lines(self) -> int:
        status = StatusBoard(self.bus).get(GatewayStatus)
        return 0 if status is None else len(status.lines)

    def command(self, *args: str) -> subprocess.CompletedProcess[str]:
        return run_command(*args, env={**os.environ, **self.env})

    def contracts(self) -> list[int]:
        found = self.ask("SELECT DISTINCT con_id FROM position_updates")
        return sorted(int(row["con_id"]) for row in found)
