"""How Celery's processes are started: one place that knows their options."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

#: What a worker works on: batches, beside others; or the lake, which one alone writes.
Work: TypeAlias = Literal["poll", "lake"]
#: Processes in a poll worker's pool: one a core on the smallest machine we aim at.
POLL_PROCESSES = 2
#: Time between two saves of what Flower remembers, milliseconds: it loses so much when killed.
FLOWER_SAVE_MS = 30_000

_CELERY = (sys.executable, "-m", "celery", "-A", "tasks.app")


def worker_argv(
    work: Work, processes: int = POLL_PROCESSES, name: str | None = None
) -> tuple[str, ...]:
    """Start a worker; its name is the work's and the machine's unless another is given."""
    pool = ("--pool", "solo") if work == "lake" else ("-c", str(processes))
    return (
        *(*_CELERY, "worker", "-Q", work, *pool, "-n", name or f"{work}@%h"),
        # What is sent to all workers at a start costs seconds, and nothing here needs it.
        *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
    )


def beat_argv() -> tuple[str, ...]:
    """Start the beat, which keeps no file."""
    return (*_CELERY, "beat", "--pidfile=", "--loglevel", "INFO")


def flower_argv(host: str, port: int, keep: Path | None) -> tuple[str, ...]:
    """Start Flower with our configuration; with a folder it remembers tasks over a restart."""
    found = find_spec("tasks")
    package = Path(found.origin or "").parent if found is not None else Path("tasks")
    kept = (
        ()
        if keep is None
        else (
            "--persistent=True",
            f"--db={keep / 'flower'}",
            f"--state_save_interval={FLOWER_SAVE_MS}",
        )
    )
    return (
        *(*_CELERY, "flower", f"--conf={package / 'flower_config.py'}"),
        *(f"--address={host}", f"--port={port}", *kept),
    )
