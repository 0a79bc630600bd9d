"""`slotwise` commands as processes of their own, without each importing all libraries again.

A command takes about a second of CPU to start, nearly all of it imports. Here one process for each
test process has the libraries (`forked_child.py`), and forks a child for each command. The child
has the environment, the folder, the standard output and error and the exit status of a process that
a shell starts, and runs `workers.cli.main` as that does.

What is not the same: the interpreter's own start. Tests of the module path, of encodings, of
signals and of terminals start a new interpreter (see `workers.launch.command`).
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from io import FileIO, TextIOWrapper
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from tests.support.forked_child import start_module
from tests.support.loaded_libraries import ROOT, import_libraries

#: No command that a test waits for takes longer, seconds.
TIMEOUT_S = 90.0
#: The libraries are imported within this on a loaded machine, seconds.
STARTS_S = 90.0


class CommandServer:
    """The process that forks commands, as seen by the test process."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="slotwise-commands-")
        path, self._log = Path(self._folder.name) / "socket", Path(self._folder.name) / "log"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            listener.settimeout(STARTS_S)
            self._process = start_module(__name__, [str(path)], os.environ, self._log, ROOT)
            self._socket, _ = listener.accept()
        self._socket.settimeout(None)
        self._asked, self._answers = self._socket.makefile("w"), self._socket.makefile("r")

    def run(self, words: list[str], env: Mapping[str, str], cwd: Path, timeout_s: float) -> Any:
        """Run a command to its end; raises TimeoutExpired where it does not end."""
        asked = {"words": words, "env": dict(env), "cwd": str(cwd), "timeout_s": timeout_s}
        print(json.dumps(asked), file=self._asked, flush=True)
        answer = self._answer(timeout_s + STARTS_S)
        if answer["status"] is None:
            raise subprocess.TimeoutExpired(["slotwise", *words], timeout_s, answer["out"])
        return answer

    def close(self) -> None:
        """End the process: it ends when it is asked for nothing more."""
        for file in (self._asked, self._answers, self._socket):
            file.close()
        self._process.wait()
        self._folder.cleanup()

    def _answer(self, within_s: float) -> dict[str, Any]:
        ready, _, _ = select.select([self._socket], [], [], within_s)
        line = self._answers.readline() if ready else ""
        assert line, f"the process that starts commands does not answer: {self._log.read_text()}"
        return dict(json.loads(line))


@cache
def command_server() -> CommandServer:
    """Return the server of this test process; it is started when it is needed first."""
    server = CommandServer()
    atexit.register(server.close)
    return server


def run_command(
    *words: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> subprocess.CompletedProcess[str]:
    """Run `slotwise` with these words; `env` is the whole environment, by default this one's."""
    answer = command_server().run(
        list(words), os.environ if env is None else env, cwd or Path.cwd(), timeout_s
    )
    return subprocess.CompletedProcess(
        ["slotwise", *words], answer["status"], answer["out"], answer["err"]
    )


def serve(asked: TextIO, answers: TextIO) -> None:
    """Fork a child for each line of `asked`, and answer with its status and what it wrote."""
    for line in asked:
        request = json.loads(line)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if child == 0:
                become_command(request, out.fileno(), err.fileno())
            status = status_of(child, request["timeout_s"])
            out.seek(0)
            err.seek(0)
            result = {"status": status, "out": read(out), "err": read(err)}
        print(json.dumps(result), file=answers, flush=True)


def read(file: Any) -> str:
    """Return what was written, as text."""
    return str(file.read().decode(errors="replace"))


def status_of(child: int, timeout_s: float) -> int | None:
    """Wait for a child; None where it does not end in time and was killed."""
    handle = os.pidfd_open(child) if hasattr(os, "pidfd_open") else None
    in_time = True
    if handle is not None:
        in_time = bool(select.select([handle], [], [], timeout_s)[0])
        os.close(handle)
    if not in_time:
        os.killpg(child, signal.SIGKILL)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return ended if in_time else None


def become_command(request: Mapping[str, Any], out: int, err: int) -> None:
    """Do in a forked child what a new interpreter does with a command; never returns."""
    status = 70
    try:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdin, sys.stdout, sys.stderr = _text(0, "r"), _text(1, "w"), _text(2, "w")
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        sys.argv = ["slotwise", *request["words"]]
        # The environment may name another folder than it did here.
        tempfile.tempdir = None
        # Help pages name the program by the main module, else by the first argument.
        sys.modules["__main__"] = ModuleType("__main__")
        status = _run_main()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001  # a child that raised must not go on as the server
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(status)


def _text(descriptor: int, mode: str) -> TextIOWrapper:
    return TextIOWrapper(FileIO(descriptor, mode), "utf-8", write_through=mode == "w")


def _run_main() -> int:
    """Run the command line, and return the exit status as the interpreter would."""
    main = import_module("workers.cli").main
    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    return 0


def main() -> None:
    """Serve on the socket whose path is the first argument."""
    # A forked process has them.
    import_libraries()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(sys.argv[1])
        serve(connection.makefile("r"), connection.makefile("w"))


if __name__ == "__main__":
    main()
