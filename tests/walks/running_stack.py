"""The whole system under test: the same child processes as `slotwise demo`, on free ports."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from string import Formatter
from typing import Any

from deltalake import DeltaTable
from msgspec.structs import replace

from slotwise.bus.client import Bus
from slotwise.lake.store import Lake
from tests.chaos.storm.outsider import give
from tests.support.command_process import run_command
from tests.support.forked_child import ForkingSupervisor
from tests.support.independent_reader import arrow_schema, open_duckdb
from workers.stack.child import wait_until
from workers.stack.ledger import LedgerEvent, read_ledger
from workers.stack.ports import free_port
from workers.stack.processes import (
    celery_specs,
    gateway_spec,
    monitor_spec,
    redis_spec,
    simulator_spec,
)
from workers.stack.supervisor import Supervisor

#: Who may ask Flower, name and password.
FLOWER_USER = "tester:not-a-secret"


class RunningStack:
    """Reach into a running stack the way a user does: command line, ledger, Delta tables."""

    def __init__(
        self, folder: Path, env: dict[str, str], bus: Bus, flower: str, children: Supervisor
    ) -> None:
        self.folder = folder
        self.lake = folder / "lake"
        self.env = env
        self.bus = bus
        self.flower = flower
        self.children = children
        self.control_port = 0
        #: Where each process answers questions about its health, by its name.
        self.health: dict[str, int] = {}

    def control(self, command: dict[str, object]) -> None:
        """Give the simulator a command: what happens at the broker."""
        give(self.control_port, **command)

    def slotwise(self, *args: str, timeout_s: float = 90) -> subprocess.CompletedProcess[str]:
        """Run one `slotwise` command."""
        return run_command(*args, env={**os.environ, **self.env}, timeout_s=timeout_s)

    def flower_api(
        self, path: str, sent: object = None, user: str | None = FLOWER_USER
    ) -> tuple[int, Any]:
        """Call Flower's API and return status and answer; with something `sent` it is a POST."""
        request = urllib.request.Request(
            self.flower + path, data=None if sent is None else json.dumps(sent).encode()
        )
        if user is not None:
            request.add_header("Authorization", f"Basic {b64encode(user.encode()).decode()}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def flower_is_up(self) -> bool:
        """Return True where Flower answers at all; it is the last to start."""
        try:
            return self.flower_api("/api/queues/length")[0] == 200
        except OSError:
            return False

    def ledger(self) -> list[LedgerEvent]:
        """Read the simulator's ledger."""
        return read_ledger(self.folder / "ledger.jsonl")

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Ask DuckDB, which shares no code with us; `{table}` stands for a Delta table's rows."""
        return ask_duckdb(self.lake, query)

    def eventually(self, holds: Callable[[], bool], timeout_s: float, what: str) -> float:
        """Wait until something holds and return the seconds it took; fail with logs if not."""
        began = time.monotonic()
        if not wait_until(holds, timeout_s, step_s=0.2):
            raise AssertionError(f"not within {timeout_s} s: {what}\n{self.logs()}")
        return time.monotonic() - began

    def logs(self) -> str:
        """Give the end of every child's log."""
        return "\n".join(
            f"== {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            for log in sorted((self.folder / "logs").glob("*.log"))
        )


def ask_duckdb(lake: Path, query: str) -> list[tuple[Any, ...]]:
    """Run SQL in DuckDB over the files of Delta tables, named as `{table}` in the query."""
    names = {}
    with open_duckdb() as cursor:
        for table in {field for _, field, _, _ in Formatter().parse(query) if field}:
            delta = DeltaTable(str(lake / table))
            if uris := delta.file_uris():
                listed = ", ".join(f"'{uri}'" for uri in uris)
                names[table] = f"read_parquet([{listed}], hive_partitioning=true)"
            else:
                cursor.register(table, arrow_schema(delta).empty_table())
                names[table] = table
        return cursor.execute(query.format(**names)).fetchall()


@contextmanager
def running_stack(
    folder: Path,
    *,
    positions: int,
    portfolio: Path | None = None,
    redis_password: str = "",
    more_env: Mapping[str, str] | None = None,
    gateway_env: Mapping[str, str] | None = None,
    redis_env: Mapping[str, str] | None = None,
    simulator_options: tuple[str, ...] = (),
    without: frozenset[str] = frozenset(),
) -> Iterator[RunningStack]:
    """Start Redis, simulator, gateway, monitor, workers, beat, Flower; stop them all at the end.

    Processes named in `without` are left out.
    """
    redis_port, ib_port, flower_port = free_port(), free_port(), free_port()
    url = f"redis://127.0.0.1:{redis_port}/0"
    open_url, url = url, url.replace("//", f"//:{redis_password}@") if redis_password else url
    env = {
        "REDIS_URL": url,
        "SLOTWISE_REDIS_URL": url,
        "SLOTWISE_LAKE": str(folder / "lake"),
        "SLOTWISE_IB_HOST": "127.0.0.1",
        "SLOTWISE_IB_PORT": str(ib_port),
        "SLOTWISE_IB_CONNECT_TIMEOUT_S": "0",
        "SLOTWISE_POLL_INTERVAL_S": "5",
        "SLOTWISE_STREAM_ROW_INTERVAL_S": "1",
        "SLOTWISE_BEAT_S": "2",
        "SLOTWISE_RECONCILE_INTERVAL_S": "3600",
        "FLOWER_BASIC_AUTH": FLOWER_USER,
        **(more_env or {}),
    }
    control_port = free_port()
    simulator = [
        *("--control", str(control_port)),
        *("--host", "127.0.0.1", "--port", str(ib_port), "--positions", str(positions)),
        *("--lines", "100", "--seed", "7", "--ledger", str(folder / "ledger.jsonl")),
        # Tests of how long quotes take run the simulator by themselves.
        *("--settle", "quick"),
    ]
    if portfolio is not None:
        simulator += ["--portfolio", str(portfolio)]
    simulator += simulator_options
    Lake(env["SLOTWISE_LAKE"]).create()
    bus = Bus(url)
    with ForkingSupervisor() as children:
        unlocked = Bus(open_url)
        redis = replace(redis_spec(redis_port, folder), env=dict(redis_env or {}))
        children.start_redis(redis, unlocked)
        if redis_password:
            unlocked.redis.config_set("requirepass", redis_password)
        unlocked.close()
        children.start(simulator_spec(tuple(simulator), env, folder))
        health = {}
        for spec in (
            gateway_spec({**env, **(gateway_env or {})}, folder),
            monitor_spec(env, folder),
            *celery_specs(env, folder, flower_port),
        ):
            if spec.name in without:
                continue
            port = health[spec.name] = free_port()
            own = {**spec.env, "SLOTWISE_HEALTH_PORT": str(port)}
            children.start(replace(spec, env=own))
        # Flower answers by itself.
        health.pop("flower", None)
        running = RunningStack(folder, env, bus, f"http://127.0.0.1:{flower_port}", children)
        running.control_port = control_port
        running.health = health
        yield running
    bus.close()


def as_json(result: subprocess.CompletedProcess[str]) -> Any:
    """Read a command's JSON output; fail with what it wrote if there is none."""
    try:
        return json.loads(result.stdout.splitlines()[-1])
    except (IndexError, ValueError) as error:
        raise AssertionError(f"no JSON: {result.stdout}\n{result.stderr}") from error
