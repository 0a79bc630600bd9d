"""Celery's processes, run in this one: a worker, the beat, Flower, with the options they need here.

The application is handed over as an object. Celery's own `-A tasks.app` puts the working folder
first on the module path, and would run a `tasks.py` that a user has there.

Each process imports the command of Celery that it runs. Celery's whole program imports all of its
commands and Flower, which is a third of what a worker takes to start.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeAlias

from celery.bin.base import CLIContext

from tasks.app import app

#: What a worker works on: batches, beside others; or the lake, which one alone writes.
Work: TypeAlias = Literal["poll", "lake"]
#: Time between two saves of Flower's tasks, milliseconds: it loses this much when killed.
FLOWER_SAVE_MS = 30_000
FLOWER_CONFIG = Path(__file__).parent / "celery_setup" / "flower_config.py"


def run_worker(work: Work, processes: int, name: str) -> NoReturn:
    """Run a worker until it is stopped."""
    from celery.bin.worker import worker

    pool = ("--pool", "solo") if work == "lake" else ("-c", str(processes))
    # What is sent to all workers at a start costs seconds, and nothing here needs it.
    options = ("--without-mingle", "--without-gossip", "--loglevel", "INFO")
    _run(worker, "-Q", work, *pool, "-n", name, *options)


def run_beat() -> NoReturn:
    """Run the beat, which keeps no file."""
    from celery.bin.beat import beat

    _run(beat, "--pidfile=", "--loglevel", "INFO")


def run_flower(host: str, port: int, keep: Path | None) -> NoReturn:
    """Run Flower with our configuration; with a folder it keeps tasks over a restart."""
    import flower.command
    from celery.bin.celery import celery

    from tasks.celery_setup.ending import FLOWER_ENDS_S, followed_by_an_end
    from tasks.celery_setup.flower_broker import use_queue_lengths
    from tasks.flower_calls import use_checked_calls

    use_queue_lengths()
    use_checked_calls()
    end = flower.command.sigterm_handler
    flower.command.sigterm_handler = followed_by_an_end(end, FLOWER_ENDS_S)
    # Where a shell started it in the background, Ctrl-C is for another process, and ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        interrupt = followed_by_an_end(signal.default_int_handler, FLOWER_ENDS_S)
        signal.signal(signal.SIGINT, interrupt)
    options = [f"--conf={FLOWER_CONFIG}", f"--address={host}", f"--port={port}"]
    if keep is not None:
        options += [
            "--persistent=True",
            f"--db={keep / 'flower'}",
            f"--state_save_interval={FLOWER_SAVE_MS}",
        ]
    # Flower looks at the options of the program that it is a command of.
    celery.params[0].default = app
    _run(celery, "flower", *options)


def _run(command: Any, *words: str) -> NoReturn:
    """Run a command of Celery's on our application; ends the process with its exit status."""
    # `app.start` does not pass the exit status on.
    asked = CLIContext(app=app, no_color=bool(os.environ.get("NO_COLOR")), workdir=None)
    command.main(args=list(words), prog_name="slotwise", obj=asked)
    raise SystemExit(0)
