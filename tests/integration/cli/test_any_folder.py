"""Every process runs the installed code, whatever modules lie in the folder it is started in."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, StatusBoard
from workers.launch import CELERY_VARIABLES, command
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.ports import free_port

#: File names of Celery's and Redis's tutorials, our own packages, and libraries that are imported
#: late or only where they are installed.
MODULES = (
    "tasks", "workers", "slotwise", "celery", "redis", "kombu", "flower", "celeryconfig",
    "flowerconfig", "deltalake", "pyarrow", "msgspec", "structlog", "typer", "ib_async",
    "prometheus_client", "sitecustomize", "setproctitle", "numpy", "yaml", "statistics",
    "tws_simulator",
)  # fmt: skip
#: Everything starts within this on a loaded machine, seconds.
STARTS_S = 90.0
ALARM = """
import redis
from pathlib import Path

Path("alarm-has-redis-of").write_text(redis.__file__)

class Alarm:
    name = "alarm"

    def on_updates(self, updates):
        pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder in which each module leaves a marker when it is imported."""
    folder = tmp_path / "desk"
    folder.mkdir()
    for name in MODULES:
        marker = folder / f"{name}.imported"
        (folder / f"{name}.py").write_text(f"open({str(marker)!r}, 'w').close()\n")
    return folder


@pytest.fixture
def children() -> Iterator[list[Child]]:
    started: list[Child] = []
    yield started
    stop_all(started)


def imported(folder: Path) -> list[str]:
    """Name the modules of the folder that were imported."""
    return sorted(file.stem for file in folder.glob("*.imported"))


def in_folder(folder: Path, argv: tuple[str, ...]) -> tuple[str, ...]:
    """Build a command that changes to the folder and becomes the process."""
    return ("/bin/sh", "-c", 'cd "$0" && exec "$@"', str(folder), *argv)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthcheck", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_up_runs_installed_code_and_a_handler_of_the_folder(
    folder: Path, children: list[Child], bus: Bus, redis_url: str, key_prefix: str
) -> None:
    """Gateway, workers, beat, web and Flower, also from a shell of another Celery program."""
    (folder / "my_desk.py").write_text(ALARM)
    port = free_port()
    env = {
        "SLOTWISE_REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_HANDLERS": "my_desk:Alarm",
        "SLOTWISE_IB_PORT": str(free_port()),
    } | dict.fromkeys(CELERY_VARIABLES, "tasks")
    argv = in_folder(folder, command("up", "--flower-port", str(port), "--web-port", "0"))
    log = folder / "up.log"
    children.append(Child(ChildSpec(name="up", argv=argv, env=env, log=log)))
    children[0].start()
    logs = folder / "state" / "logs"

    def runs() -> bool:
        texts = {file.name: file.read_text(errors="replace") for file in logs.glob("*.log")}
        return (
            "poll@" in texts.get("poll-worker.log", "")
            and "ready" in texts.get("poll-worker.log", "")
            and "ready" in texts.get("lake-worker.log", "")
            and "tasks.batches.dispatch" in texts.get("beat.log", "")
            and StatusBoard(bus).get(GatewayStatus) is not None
            and answers(port)
            and "pages are served" in texts.get("web.log", "")
        )

    assert wait_until(runs, STARTS_S), log.read_text() + str(list(logs.glob("*")))
    assert "was started again" not in log.read_text()
    assert imported(folder) == []
    installed = (folder / "alarm-has-redis-of").read_text()
    assert not installed.startswith(str(folder))


@pytest.mark.parametrize(
    ("started", "words"),
    [
        ("script", ("--help",)),
        ("script", ("worker", "--help")),
        ("module", ("strategies", "list")),
        ("module", ("worker", "--help")),
        ("bare", ("doctor",)),
        ("path", ("doctor",)),
        ("path", ("worker", "--help")),
    ],
    ids=str,
)
def test_a_command_runs_installed_code(folder: Path, started: str, words: tuple[str, ...]) -> None:
    """As the installed script, as a module with and without -P, and with the folder on the path."""
    own = {"workers", "slotwise", "sitecustomize"}
    for name in own if started == "path" else ():
        # What Python imports before any code of ours runs.
        (folder / f"{name}.py").unlink()
    argv = {
        "script": (str(Path(sys.executable).parent / "slotwise"), *words),
        "module": command(*words),
        "bare": (sys.executable, "-m", "slotwise_start", *words),
        "path": (sys.executable, "-m", "workers.cli", *words),
    }[started]
    path = str(folder) if started == "path" else ""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ended = subprocess.run(
        argv,
        cwd=folder,
        env={**kept, "PYTHONPATH": path, "SLOTWISE_REDIS_URL": f"redis://127.0.0.1:{free_port()}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    assert imported(folder) == [], ended.stderr


@pytest.mark.parametrize("path", [".", "folder"])
@pytest.mark.parametrize("words", [("worker", "--help"), ("doctor",)], ids=str)
def test_a_folder_on_pythons_path_replaces_nothing(
    folder: Path, path: str, words: tuple[str, ...]
) -> None:
    """It holds modules of the names of our packages too, and comes before them."""
    (folder / "sitecustomize.py").unlink()  # Python itself imports it.
    ended = subprocess.run(
        command(*words),
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": "." if path == "." else f"/nowhere:{folder}",
            "SLOTWISE_REDIS_URL": f"redis://127.0.0.1:{free_port()}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    assert imported(folder) == [], ended.stderr


def test_a_folder_that_was_deleted_is_one_line(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    argv = ("/bin/sh", "-c", 'cd "$0" && rmdir "$0" && exec "$@"', str(gone), *command("doctor"))
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "slotwise: the working folder does not exist any more: change to another one,"
        " and start again\n"
    )
