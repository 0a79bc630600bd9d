"""A forked child is what a new interpreter would be to the test process that started it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.support.forked_child import ForkedChild
from workers.launch import command
from workers.stack.child import Child, ChildSpec, wait_until

#: A process starts and ends within this on a machine that does much else, seconds.
SOON_S = 60.0


def spec_of(folder: Path, *words: str, **env: str) -> ChildSpec:
    return ChildSpec(name="child", argv=command(*words), env=env, log=folder / "child.log")


def ended(child: Child) -> int | None:
    child.start()
    assert wait_until(lambda: child.exit_status is not None, SOON_S)
    return child.exit_status


@pytest.mark.parametrize(
    ("words", "env"),
    [
        (("lines", "--nonsense"), {}),
        (("queue",), {"SLOTWISE_REDIS_URL": "redis://127.0.0.1:1/0"}),
        (("worker", "--queue", "poll"), {"SLOTWISE_REDIS_URL": "nonsense"}),
    ],
)
def test_it_says_and_ends_as_a_new_interpreter_does(
    tmp_path: Path, words: tuple[str, ...], env: dict[str, str]
) -> None:
    (tmp_path / "forked").mkdir()
    (tmp_path / "new").mkdir()
    forked = ForkedChild(spec_of(tmp_path / "forked", *words, **env))
    new = Child(spec_of(tmp_path / "new", *words, **env))
    assert ended(forked) == ended(new)
    assert forked.spec.log.read_text() == new.spec.log.read_text()


def test_it_is_our_child_in_a_session_of_its_own_until_it_is_killed(tmp_path: Path) -> None:
    child = ForkedChild(spec_of(tmp_path, "simulator", "--port", "0"))
    child.start()
    pid = child.pid
    assert pid is not None
    try:
        assert wait_until(lambda: child.has_logged("listening"), SOON_S)
        assert psutil.Process(pid).ppid() == os.getpid()
        assert os.getsid(pid) == pid
    finally:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: child.exit_status == -signal.SIGKILL, SOON_S)


def test_what_only_a_new_interpreter_reads_starts_one(tmp_path: Path) -> None:
    """The variable makes the interpreter say what it imports."""
    assert ended(ForkedChild(spec_of(tmp_path, "--version", PYTHONVERBOSE="1"))) == 0
    assert "import 'site'" in (tmp_path / "child.log").read_text()
