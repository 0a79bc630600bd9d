"""`slotwise worker`, `beat` and `flower`: Celery's processes, each in place of the command.

Celery is imported by the command that runs: the help page needs none of it.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from slotwise.errors import InputError
from workers.stack.celery_argv import POLL_PROCESSES

#: Flower's usual port.
FLOWER_PORT = 5555


class Queue(StrEnum):
    """Name the queues that workers take tasks from."""

    POLL = "poll"
    LAKE = "lake"


def worker(
    queue: Annotated[Queue, typer.Option(help="What it works on.")] = Queue.POLL,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="Processes of a poll worker.")
    ] = POLL_PROCESSES,
    name: Annotated[
        str | None, typer.Option(help="Its name, where two of a kind run on one machine.")
    ] = None,
) -> None:
    """Run a Celery worker: as many for polls as you like, one for the lake.

    Example: slotwise worker --name poll2@%h
    """
    from tasks.process import run_worker

    run_worker(queue.value, processes, name or f"{queue.value}@%h")


def beat() -> None:
    """Run the beat, which sends batches and landings every 5 seconds.

    Example: slotwise beat
    """
    from tasks.process import run_beat

    run_beat()


def flower(
    host: Annotated[str, typer.Option(help="Address it listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Its port.")] = FLOWER_PORT,
    keep: Annotated[
        Path | None, typer.Option(help="Folder to remember tasks in over a restart.")
    ] = None,
) -> None:
    """Run Flower, the dashboard of the workers, behind a name and a password.

    They are in FLOWER_BASIC_AUTH, or in the file that FLOWER_BASIC_AUTH_FILE names.

    Example: FLOWER_BASIC_AUTH=trader:SECRET slotwise flower --keep state/flower
    """
    if keep is not None:
        keep = keep.absolute()
        try:
            keep.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(f"--keep {str(keep)!r} cannot be used: {reason}") from error
    from tasks.process import run_flower

    run_flower(host, port, keep)
