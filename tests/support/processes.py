"""Processes in tests: whether one is alive, and small ones to supervise."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

from workers.stack.child import ChildSpec

#: Starts a process of its own, notes both ids, and waits without end.
_PARENT = """
import os, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
with open(sys.argv[1] + ".new", "w") as file:
    file.write(f"{os.getpid()} {grandchild.pid}")
os.replace(sys.argv[1] + ".new", sys.argv[1])
time.sleep(3600)
"""


def alive(pid: int) -> bool:
    """Return True where a process runs; one that only waits to be reaped does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def python_spec(
    folder: Path, code: str, *args: str, name: str = "child", order: int = 5
) -> ChildSpec:
    """Run a piece of Python as a child."""
    argv = (sys.executable, "-c", code, *args)
    return ChildSpec(name=name, argv=argv, env={}, log=folder / f"{name}.log", stop_order=order)


def family_spec(folder: Path, name: str = "child") -> tuple[ChildSpec, Path]:
    """Run a child that has a child; both ids are in the file, once they run."""
    pids = folder / f"{name}.pids"
    return python_spec(folder, _PARENT, str(pids), name=name), pids


def read_pids(path: Path) -> list[int]:
    """Read the ids noted so far."""
    return [int(part) for part in path.read_text().split()] if path.exists() else []
