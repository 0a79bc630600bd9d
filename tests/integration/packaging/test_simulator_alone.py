"""Distribution `tws-simulator`, installed by pip in an environment that has nothing else."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest
from ib_async import IB

from tests.support.clean_environment import CleanEnvironment, build_wheel, pack_dependencies
from tests.support.compose import ROOT

#: Longest that the program takes to start or end, seconds.
TIMEOUT_S = 30.0
READY = "simulator listening on 127.0.0.1:"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> CleanEnvironment:
    folder = tmp_path_factory.mktemp("clean")
    wheels = folder / "wheels"
    wheels.mkdir()
    build_wheel(ROOT / "tws_simulator", wheels)
    pack_dependencies(("typer",), wheels)
    environment = CleanEnvironment(folder / "venv")
    environment.install(wheels, "tws-simulator")
    return environment


def test_it_brings_the_command_line_and_nothing_of_slotwise(clean: CleanEnvironment) -> None:
    installed = clean.installed()
    assert {"tws-simulator", "typer"} <= installed
    assert not installed & {"slotwise", "celery", "redis", "pyarrow", "deltalake", "ib_async"}
    assert len(installed) < 16, installed


def test_its_command_says_what_it_does(clean: CleanEnvironment, tmp_path: Path) -> None:
    shown = subprocess.run(
        [clean.programs / "tws-simulator", "--help"],
        cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S, check=True,
    )  # fmt: skip
    assert "Usage: tws-simulator" in shown.stdout
    assert "Example: tws-simulator --port" in shown.stdout


def test_a_client_of_another_environment_reads_its_positions(
    clean: CleanEnvironment, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [clean.programs / "tws-simulator", "--port", "0", "--positions", "7"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(READY), line
        assert asyncio.run(_positions(int(line.removeprefix(READY)))) == 7
        process.terminate()
        out, err = process.communicate(timeout=TIMEOUT_S)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out, err) == (0, "", "")


async def _positions(port: int) -> int:
    """Connect with ib_async and count what is held."""
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, 1, timeout=TIMEOUT_S)
    try:
        return len(ib.positions())
    finally:
        ib.disconnect()
