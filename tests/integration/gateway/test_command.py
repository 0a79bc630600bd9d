"""`slotwise gateway` answers bad input with one clear line, and ends cleanly."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.lake.store import Lake
from tests.support.command_process import run_command
from tests.unit.gateway.listeners import until
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from workers.stack.child import wait_until
from workers.stack.ports import free_port

COMMAND = [sys.executable, "-m", "workers.cli", "gateway"]
#: The process imports, answers and ends within this, seconds.
ANSWER_S = 60


def environment(bus: Bus, lake: Path, **changes: str) -> dict[str, str]:
    """Make an environment with this Redis and this lake and no other setting of ours."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLOTWISE_", "REDIS_"))}
    ours = {
        "REDIS_URL": bus.url,
        "SLOTWISE_KEY_PREFIX": bus.prefix,
        "SLOTWISE_LAKE": str(lake),
        "SLOTWISE_IB_CONNECT_TIMEOUT_S": "1",
    }
    return clean | ours | changes


def fails(env: dict[str, str], *options: str) -> str:
    """Run the command, which must fail, and return its one line."""
    ran = run_command("gateway", *options, env=env, timeout_s=ANSWER_S)
    assert ran.returncode == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    [line] = [line for line in ran.stderr.splitlines() if line.startswith("slotwise: ")]
    return line


def test_no_tws(bus: Bus, tmp_path: Path) -> None:
    """Where, why, and what to do."""
    port = free_port()
    line = fails(environment(bus, tmp_path / "lake"), "--port", str(port))
    assert line.startswith(f"slotwise: no TWS or IB Gateway answers at 127.0.0.1:{port} (conn")
    assert line.endswith("start it, enable its API, or set SLOTWISE_IB_HOST and SLOTWISE_IB_PORT")


def test_another_service_on_the_port(bus: Bus, tmp_path: Path) -> None:
    """Redis is no TWS."""
    port = bus.url.rsplit(":", 1)[1].split("/")[0]
    line = fails(environment(bus, tmp_path / "lake"), "--port", port)
    assert "is it the API port of TWS" in line or "does not greet as TWS does" in line


def test_no_redis(bus: Bus, tmp_path: Path) -> None:
    """The address that was tried is named."""
    url = f"redis://127.0.0.1:{free_port()}/0"
    line = fails(environment(bus, tmp_path / "lake", REDIS_URL=url))
    assert line.startswith(f"slotwise: no Redis answers at {url}: start one, or set REDIS_URL")


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({}, ("--lake", "/dev/null/lake"), "/dev/null/lake"),
        ({"SLOTWISE_HANDLERS": "no.such:Thing"}, (), "handler 'no.such:Thing' cannot be loaded"),
    ],
)
def test_bad_input(
    bus: Bus, tmp_path: Path, changes: dict[str, str], options: tuple[str, ...], message: str
) -> None:
    """One line that names what is wrong."""
    assert message in fails(environment(bus, tmp_path / "lake", **changes), *options)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly(bus: Bus, tmp_path: Path, number: signal.Signals) -> None:
    """A signal ends it with status 0, its connection closed."""

    async def run() -> None:
        async with SimulatorServer(SimulatorConfig(positions=20)) as simulator:
            env = environment(bus, tmp_path / "lake")
            process = await asyncio.create_subprocess_exec(
                *COMMAND, "--port", str(simulator.port), env=env, stderr=asyncio.subprocess.PIPE
            )
            try:
                await until(lambda: SnapshotBoard(bus).head(), timeout_s=ANSWER_S)
                process.send_signal(number)
                _, errors = await asyncio.wait_for(process.communicate(), ANSWER_S)
            finally:
                if process.returncode is None:
                    process.kill()
            assert process.returncode == 0, errors.decode()
            assert "Traceback" not in errors.decode()
            await until(lambda: not simulator.world.clients)

    asyncio.run(run())


def test_a_gateway_that_waits_for_a_lake_that_hangs_ends_at_a_signal(bus: Bus, lake: Lake) -> None:
    """One of the lake's files is a pipe without a writer."""
    os.mkfifo(f"{lake.address}/position_updates/_delta_log/_last_checkpoint")
    process = subprocess.Popen(
        COMMAND, env=environment(bus, Path(lake.address)), stderr=subprocess.PIPE, text=True
    )
    try:
        assert wait_until(lambda: bool(psutil.Process(process.pid).children()), ANSWER_S)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=ANSWER_S)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in errors
