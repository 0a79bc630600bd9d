"""How Celery's processes are started as children: the commands that a user would type."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from workers.launch import command

#: What a worker works on: batches, beside others; or the lake, which one alone writes.
Work: TypeAlias = Literal["poll", "lake"]
#: Processes in a poll worker's pool: one a core on the smallest machine we aim at.
POLL_PROCESSES = 2


def worker_argv(
    work: Work, processes: int = POLL_PROCESSES, name: str | None = None
) -> tuple[str, ...]:
    """Start a worker; its name is the work's and the machine's unless another is given."""
    named = () if name is None else ("--name", name)
    return command("worker", "--queue", work, "--processes", str(processes), *named)


def beat_argv() -> tuple[str, ...]:
    """Start the beat."""
    return command("beat")


def flower_argv(host: str, port: int, keep: Path | None) -> tuple[str, ...]:
    """Start Flower; with a folder it remembers tasks over a restart."""
    kept = () if keep is None else ("--keep", str(keep))
    return command("flower", "--host", host, "--port", str(port), *kept)
