"""Children of a stack without the second of imports that each of them begins with.

One process for each test process imports the libraries once and forks the children of stacks
(`python -m tests.support.forked_child`). A child has the environment, the folder, the log and the
session that `Child` gives it, is a child of the test process, and runs `slotwise_start.main` as a
new interpreter does. Its end, kills and signals are those of any process.

What is not the same is the interpreter's own start, so a child whose environment changes that
(`PYTHONPATH`, `LD_PRELOAD`) starts a new one, as do the children of `slotwise demo` and
`slotwise up`, and all children where the system is not Linux.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import IO, Any, TextIO

from tests.support.loaded_libraries import ROOT, import_libraries
from workers.launch import command
from workers.stack.child import Child, ChildSpec, end_with_parent
from workers.stack.supervisor import Supervisor

#: Variables that the interpreter, or the system's loader, reads when a process begins.
AT_THE_START = ("PYTHON", "LD_")
#: The module that runs `slotwise`.
OURS = "slotwise_start"
#: prctl: children whose parent ends become this process's.
_PR_SET_CHILD_SUBREAPER = 36
#: A forked child is one of the test process within this, seconds.
ADOPTED_S = 60.0
#: Highest descriptor that a child inherits of the server, and closes.
HIGHEST_DESCRIPTOR = 1024


class ForkedChild(Child):
    """A child that is forked from the process that has the libraries."""

    def _open(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        ours = len(command())
        is_ours = self.spec.argv[:ours] == command()
        if not is_ours or changes_the_start(self.spec.env):
            return super()._open(log)
        return start_process(
            self.spec.argv[ours:], {**os.environ, **self.spec.env}, self.spec.log, Path.cwd()
        )


class ForkingSupervisor(Supervisor):
    """A supervisor of such children."""

    def start(self, spec: ChildSpec) -> Child:
        """Start one more child."""
        child = ForkedChild(spec)
        self.children.append(child)
        child.start()
        return child


def start_process(
    words: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path
) -> subprocess.Popen[bytes]:
    """Start `slotwise` with these words; `env` is the whole environment."""
    return _start(command(*words), OURS, words, env, log, cwd)


def start_module(
    module: str, words: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path
) -> subprocess.Popen[bytes]:
    """Start a module that has a `main`, as `python -m` does."""
    return _start((sys.executable, "-m", module, *words), module, words, env, log, cwd)


def _start(
    argv: tuple[str, ...],
    module: str,
    words: Sequence[str],
    env: Mapping[str, str],
    log: Path,
    cwd: Path,
) -> subprocess.Popen[bytes]:
    if sys.platform == "linux":
        return _Forked(argv, _server().fork(argv, module, words, env, log, cwd))
    with log.open("ab") as file:
        return subprocess.Popen(argv, env=env, cwd=cwd, stdout=file, stderr=file)


def changes_the_start(env: Mapping[str, str]) -> bool:
    """Return whether an environment has variables that only a new interpreter reads."""
    return sys.platform != "linux" or any(name.startswith(AT_THE_START) for name in env)


class _Forked(subprocess.Popen[bytes]):
    """A process that is a child of this one already."""

    def __init__(self, args: tuple[str, ...], pid: int) -> None:
        self.args, self.pid, self.returncode = args, pid, None
        self.stdin = self.stdout = self.stderr = None
        # What Popen's own methods need: see subprocess.py of Python 3.11 to 3.13.
        self._child_created = True
        self._waitpid_lock = threading.Lock()
        self._sigint_wait_secs = 0.25


class _Server:
    """The process that forks, as seen by the test process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forked_child"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._one_asks = threading.Lock()
        atexit.register(self._close)

    def fork(
        self,
        argv: Sequence[str],
        module: str,
        words: Sequence[str],
        env: Mapping[str, str],
        log: Path,
        cwd: Path,
    ) -> int:
        """Start a process, and return its id; it is a child of this process."""
        asked = {
            "argv": list(argv), "module": module, "words": list(words), "log": str(log),
            "cwd": str(cwd), "env": dict(env), "parent": os.getpid(),
        }  # fmt: skip
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with self._one_asks:
            _adopt_orphans(True)
            try:
                print(json.dumps(asked), file=stdin, flush=True)
                line = stdout.readline()
            finally:
                _adopt_orphans(False)
        assert line, "the process that forks children does not answer"
        return int(line)

    def _close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@cache
def _server() -> _Server:
    return _Server()


def _adopt_orphans(wanted: bool) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)


def serve(asked: TextIO, answers: TextIO) -> Mapping[str, Any] | None:
    """Fork for each line; return in the child with what it is to become, else None at the end."""
    for line in asked:
        request: dict[str, Any] = json.loads(line)
        ours, theirs = os.pipe()
        between = os.fork()
        if between == 0:
            if (child := os.fork()) == 0:
                return request
            # Its parent ends here, so it becomes the test process's.
            os.write(theirs, str(child).encode())
            os._exit(0)
        os.waitpid(between, 0)
        print(os.read(ours, 20).decode(), file=answers, flush=True)
        os.close(ours)
        os.close(theirs)
    return None


def become(request: Mapping[str, Any]) -> None:
    """Do in a forked child what a new interpreter does with a process of ours."""
    until = time.monotonic() + ADOPTED_S
    while os.getppid() != request["parent"]:
        if time.monotonic() > until:
            os._exit(1)  # the test process has ended
        time.sleep(0.001)
    os.setsid()
    end_with_parent()
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.closerange(3, HIGHEST_DESCRIPTOR)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    time.tzset()
    module = request["module"]
    sys.argv = [str(ROOT / module / "__main__.py"), *request["words"]]
    # What starts in place of itself starts as a new interpreter.
    sys.orig_argv = request["argv"]
    # Help pages name the program by the package of the main module.
    main = sys.modules["__main__"] = ModuleType("__main__")
    main.__package__ = module
    import_module(module).main()


if __name__ == "__main__":
    import_libraries()
    # Collections of a child would copy what is shared.
    gc.freeze()
    with os.fdopen(os.dup(1), "w") as _answers:
        _request = serve(sys.stdin, _answers)
    if _request is not None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        become(_request)
