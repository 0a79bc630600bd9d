"""A child is started again when it dies, and nothing it started outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from tests.support.processes import alive, family_spec, python_spec, read_pids
from workers.stack.child import Child, ChildSpec, stop_all, wait_until

#: A small Python process starts, or ends, well within this, seconds.
SOON = 20.0
FOR_EVER = "import time; time.sleep(3600)"
DEAF = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w").close()
time.sleep(3600)
"""


@pytest.fixture
def children() -> Iterator[list[Child]]:
    """Children started in a test; stopped after it, however it ends."""
    started: list[Child] = []
    yield started
    for child in started:
        child.wait_stopped(time.monotonic())


def start(children: list[Child], spec: ChildSpec) -> Child:
    child = Child(spec)
    children.append(child)
    child.start()
    return child


def started_family(children: list[Child], folder: Path, name: str = "child") -> tuple[Child, Path]:
    spec, pids = family_spec(folder, name)
    child = start(children, spec)
    assert wait_until(lambda: len(read_pids(pids)) == 2, SOON)
    return child, pids


def test_a_killed_child_is_started_again_and_what_it_left_behind_is_gone(
    children: list[Child], tmp_path: Path
) -> None:
    child, pids = started_family(children, tmp_path)
    old = read_pids(pids)
    os.kill(old[0], signal.SIGKILL)
    assert wait_until(child.tend, SOON)
    assert wait_until(lambda: read_pids(pids) != old, SOON)
    new = read_pids(pids)
    assert wait_until(lambda: not alive(old[1]), SOON), "the orphan was ended"
    assert (child.restarts, child.pid) == (1, new[0])
    assert alive(new[1])


def test_stopping_leaves_no_process_behind(children: list[Child], tmp_path: Path) -> None:
    families = [started_family(children, tmp_path, name) for name in ("one", "other")]
    stop_all([child for child, _ in families])
    for _, pids in families:
        assert wait_until(partial(all_ended, pids), SOON)


def test_a_dead_childs_orphans_are_stopped_too(children: list[Child], tmp_path: Path) -> None:
    """It died just before the end, and was not looked at since."""
    child, pids = started_family(children, tmp_path)
    os.kill(read_pids(pids)[0], signal.SIGKILL)
    assert wait_until(lambda: child.exit_status is not None, SOON)
    stop_all([child])
    assert wait_until(lambda: not any(map(alive, read_pids(pids))), SOON)


def test_a_child_that_does_not_listen_is_killed_when_its_time_is_over(
    children: list[Child], tmp_path: Path
) -> None:
    deaf = tmp_path / "deaf"
    child = start(children, python_spec(tmp_path, DEAF, str(deaf)))
    assert wait_until(deaf.exists, SOON)
    child.ask_to_stop()
    child.wait_stopped(time.monotonic() + 0.2)
    assert child.exit_status == -signal.SIGKILL


def test_a_child_that_lives_is_left_alone(children: list[Child], tmp_path: Path) -> None:
    child = start(children, python_spec(tmp_path, FOR_EVER))
    assert not child.tend()
    assert (child.restarts, child.exit_status) == (0, None)


def test_a_child_that_keeps_dying_is_started_less_and_less_often(
    children: list[Child], tmp_path: Path
) -> None:
    child = start(children, python_spec(tmp_path, "raise SystemExit(3)"))
    waits = []
    for _ in range(2):
        assert wait_until(lambda: child.exit_status == 3, SOON)
        began = time.monotonic()
        assert not child.tend(), "it waits first"
        assert wait_until(child.tend, SOON, step_s=0.01)
        waits.append(time.monotonic() - began)
    assert 0.5 <= waits[0] < waits[1]


def test_children_of_a_lower_order_are_gone_before_the_next_are_asked(
    children: list[Child], tmp_path: Path
) -> None:
    """Redis must not end while a worker still writes."""
    noting = """
import os, signal, sys, time
def end(*_):
    with open(sys.argv[1], "a") as file:
        file.write(sys.argv[2] + "\\n")
    sys.exit()
signal.signal(signal.SIGTERM, end)
open(sys.argv[1] + sys.argv[2], "w").close()
time.sleep(3600)
"""
    diary = tmp_path / "diary"
    for name, order in (("redis", 9), ("worker", 5), ("beat", 1)):
        start(children, python_spec(tmp_path, noting, str(diary), name, name=name, order=order))
    assert wait_until(
        lambda: all(Path(f"{diary}{name}").exists() for name in ("redis", "worker", "beat")), SOON
    )
    stop_all(children)
    assert diary.read_text().split() == ["beat", "worker", "redis"]


def test_output_goes_to_the_log_and_its_last_line_is_the_reason(
    children: list[Child], tmp_path: Path
) -> None:
    code = "import os, sys; print('first'); print(os.environ['WORD'], file=sys.stderr)"
    spec = msgspec.structs.replace(python_spec(tmp_path / "logs", code), env={"WORD": "last"})
    child = start(children, spec)
    assert wait_until(lambda: child.exit_status == 0, SOON)
    assert child.last_words() in ("first", "last")
    assert sorted(spec.log.read_text().split()) == ["first", "last"]


def test_a_child_without_a_log_has_no_last_line(tmp_path: Path) -> None:
    child = Child(python_spec(tmp_path, FOR_EVER))
    assert (child.last_words(), child.pid, child.exit_status, child.tend()) == (
        "",
        None,
        None,
        False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_child_ends_with_its_parent_however_the_parent_ends(tmp_path: Path) -> None:
    code = f"""
import pathlib, sys, time
from tests.support.processes import python_spec
from workers.stack.child import Child
child = Child(python_spec(pathlib.Path(sys.argv[1]), {FOR_EVER!r}))
child.start()
print(child.pid, flush=True)
time.sleep(3600)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
    finally:
        parent.kill()
        parent.communicate()
    assert wait_until(lambda: not alive(pid), SOON)


def test_waiting_has_an_end() -> None:
    assert wait_until(lambda: True, 0.0)
    assert not wait_until(lambda: False, 0.05, step_s=0.01)


def test_a_line_that_is_not_the_last_is_found_in_the_log(
    children: list[Child], tmp_path: Path
) -> None:
    """A process may print more after what was waited for."""
    program = "import time; print('listening'); print('more', flush=True); time.sleep(3600)"
    child = start(children, python_spec(tmp_path, program))
    assert not child.has_logged("silence")
    assert wait_until(lambda: child.has_logged("more"), SOON)
    assert child.has_logged("listening")


def all_ended(pids: Path) -> bool:
    return not any(map(alive, read_pids(pids)))
