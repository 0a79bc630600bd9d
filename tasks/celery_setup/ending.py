"""Ending: a Celery process ends when it is asked to, whatever it was doing.

Two things were seen to keep one:
* Celery ends a worker in steps, and each of them talks to Redis. A Redis that is paused, or a
  network that drops everything, makes each step wait for its time limit, some of them again and
  again: a worker was seen to be there 30 s after TERM, and stays behind where its supervisor is
  gone.
* Beat and Flower end by an exception that their signal handler raises in whatever runs. Within a
  destructor Python drops every exception, and what cleans up behind a read of redis-py 8.1.0 may
  raise another one in its place: there the signal was lost, and the process went on. Beat destroys
  a result after each message, so a few signals in a hundred that come while it sends were lost
  (found by raising one at each line that a message takes, celery 5.7.0).

Rules:
* What is worked on goes on, as Celery has it: the steps have `ENDS_S` without a task under way, and
  those of Flower `FLOWER_ENDS_S`.
* Beat's handler raises nothing: beat ends at its next look at what is due, within a second.
* Then the process kills its children and ends, whatever fails on the way, with status 0: it was
  asked to. Nothing is lost: messages that a worker took and has not begun are given to another
  worker, or their lease runs out; beat keeps nothing, and Flower what it saved last.
"""

from __future__ import annotations

import _thread
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, TypeAlias

import psutil
import structlog
from celery.signals import beat_init, worker_shutting_down
from celery.worker import state

from tasks.schedule import MemoryScheduler

log = structlog.get_logger(__name__)

#: Time that a process's own steps have without a task under way, seconds: they take one or two.
ENDS_S = 4.0
#: The same for Flower, seconds: a look at the workers that is under way takes up to five.
FLOWER_ENDS_S = 8.0
#: The last line of the log has this long, seconds: a pipe that is not read takes none.
LOG_S = 0.5
#: Time between two looks, seconds.
LOOK_S = 0.2

#: What Python calls when a signal comes.
SignalHandler: TypeAlias = Callable[[int, FrameType | None], object]


def followed_by_an_end(handler: SignalHandler, ends_s: float = ENDS_S) -> SignalHandler:
    """Return a signal handler that calls another one and makes the process end after it.

    `ends_s` are the seconds that the process's own steps have.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        try:
            _end_in(ends_s)
        finally:
            handler(number, frame)

    return handle


@worker_shutting_down.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _end_worker_in_time(**_: Any) -> None:
    _end_in(ENDS_S)


@beat_init.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _end_beat_in_time(**_: Any) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, followed_by_an_end(_end_beat))


def _end_beat(_number: int, _frame: FrameType | None) -> None:
    MemoryScheduler.is_to_end = True


def _end_in(ends_s: float) -> None:
    # A signal handler may run while this thread starts another one, and holds the lock for that:
    # the thread is started without it.
    _thread.start_new_thread(_wait_and_end, (ends_s,))


def _wait_and_end(ends_s: float) -> None:
    idle_since_s = time.monotonic()
    while time.monotonic() - idle_since_s < ends_s:
        time.sleep(LOOK_S)
        if state.active_requests:
            idle_since_s = time.monotonic()
    try:
        _kill_children()
        _thread.start_new_thread(_log_the_end, (ends_s,))
        time.sleep(LOG_S)
    finally:
        os._exit(0)


def _kill_children() -> None:
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.send_signal(signal.SIGKILL)


def _log_the_end(waited_s: float) -> None:
    log.warning("process ends at once: its own steps did not end it", waited_s=waited_s)
