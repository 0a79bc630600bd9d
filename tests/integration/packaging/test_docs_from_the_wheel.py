"""Every command of the docs runs in an environment made from the wheels, beside a demo of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.docs.test_pages import LASTING, commands
from tests.support.clean_environment import CleanEnvironment, build_wheel, pack_dependencies, run
from tests.support.compose import ROOT
from tests.support.effort import with_effort

pytestmark = [pytest.mark.timeout(600), with_effort]

#: Longest that the demo takes to have rows, and to end, and that a command takes, seconds.
ROWS_S, END_S, COMMAND_S = 120.0, 120.0, 60.0
#: A command that lasts is left after this, seconds.
LASTS_S = 8.0
#: Commands at once.
AT_ONCE = 2


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CleanEnvironment]:
    folder = tmp_path_factory.mktemp("clean")
    wheels = folder / "wheels"
    wheels.mkdir()
    build_wheel(ROOT, wheels)
    build_wheel(ROOT / "tws_simulator", wheels)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pack_dependencies(tuple(project["dependencies"]), wheels)
    environment = CleanEnvironment(folder / "venv")
    environment.install(wheels, "slotwise[demo]")
    shutil.rmtree(wheels)
    yield environment
    # Hundreds of megabytes that no one looks at.
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def demo(clean: CleanEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run `slotwise demo` in a folder of its own; gives the file that its screen names."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "tmp").mkdir()
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [clean.program("slotwise"), "demo", "--positions", "60"],
            cwd=folder, env=_env(clean, folder), stdout=output, stderr=output,
        )  # fmt: skip
    try:
        yield _file_of_rows(process, folder)
        assert process.poll() is None, (folder / "output").read_text()
    finally:
        process.terminate()
        try:
            process.wait(END_S)
        finally:
            process.kill()
            process.wait()


def test_slotwise_is_that_of_the_wheel(clean: CleanEnvironment, tmp_path: Path) -> None:
    code = "import slotwise, tasks, workers; print(slotwise.__file__)"
    shown = run((clean.program("python"), "-I", "-c", code), tmp_path)
    assert Path(shown).is_relative_to(clean.programs.parent), shown


def test_every_command_of_the_docs_answers(clean: CleanEnvironment, demo: Path) -> None:
    """As it is written, in a shell; with a status that help names, and without a traceback."""
    written = [one for one in commands() if one.startswith("slotwise ") and "|" not in one]
    short = [one for one in written if not is_lasting(one)]
    assert len(short) > 50

    def answer(command: str) -> str:
        status, wrote = _answer(clean, demo, command, COMMAND_S)
        is_well = status in (0, 1, 2) and "Traceback" not in wrote
        is_answered = wrote or "--parquet" in command
        return "" if is_well and is_answered else f"{command}: {status}\n{wrote}"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [words for words in pool.map(answer, short) if words]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("command", ["slotwise top", "slotwise portfolio --watch"])
def test_a_command_that_lasts_needs_a_terminal_or_says_so(
    clean: CleanEnvironment, demo: Path, command: str
) -> None:
    _, wrote = _answer(clean, demo, command, LASTS_S)
    assert "Traceback" not in wrote, wrote


def is_lasting(command: str) -> bool:
    """Return whether a command runs until it is stopped."""
    return command.split()[1] in LASTING or "--watch" in command


def _answer(
    clean: CleanEnvironment, env_file: Path, command: str, timeout_s: float
) -> tuple[int, str]:
    folder = env_file.parents[2]
    try:
        ended = subprocess.run(
            ["bash", "-c", f". {env_file}; {command}"],
            cwd=folder, env=_env(clean, folder), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout_s,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        return -1, f"not done in {timeout_s:g} s: {(late.output or b'').decode()}"
    return ended.returncode, ended.stdout


def _env(clean: CleanEnvironment, folder: Path) -> dict[str, str]:
    """Return an environment with the programs of the wheel, and nothing of this checkout."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("SLOTWISE", "PYTHON", "REDIS"))
    }
    return {
        **kept,
        "PATH": f"{clean.programs}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(folder / "tmp"),
    }


def _file_of_rows(process: subprocess.Popen[bytes], folder: Path) -> Path:
    """Wait until rows have landed; return the file with the demo's addresses, as it names it."""
    deadline = time.monotonic() + ROWS_S
    while time.monotonic() < deadline:
        output = (folder / "output").read_text()
        assert process.poll() is None, output
        named = re.search(r"^look +\. (\S+); ", output, re.MULTILINE)
        if named and any(folder.glob("lake/*/position_updates/*/*.parquet")):
            return Path(named[1])
        time.sleep(0.5)
    raise AssertionError(f"no rows in {ROWS_S:g} s: {(folder / 'output').read_text()}")
