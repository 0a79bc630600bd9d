"""Ending: a worker that was asked to end does so, also where Redis hangs.

Celery ends a worker in steps, and each of them talks to Redis. A Redis that is paused, or a network
that drops everything, makes each step wait for its time limit, some of them again and again: a
worker was seen to be there 30 s after TERM, and stays behind where its supervisor is gone.

Rules:
* What is worked on goes on, as Celery has it: the steps have `ENDS_S` without a task under way.
* Then the worker kills its pool and ends. Nothing is lost: messages that it took and has not begun
  are given to another worker, or their lease runs out.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from typing import Any

import psutil
import structlog
from celery.signals import worker_shutting_down
from celery.worker import state

log = structlog.get_logger(__name__)

#: Time that Celery's own steps have without a task under way, seconds: they take one or two.
ENDS_S = 4.0
#: Time between two looks, seconds.
LOOK_S = 0.2


@worker_shutting_down.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _end_in_time(**_: Any) -> None:
    threading.Thread(target=_wait_and_end, name="ending", daemon=True).start()


def _wait_and_end() -> None:
    idle_since_s = time.monotonic()
    while time.monotonic() - idle_since_s < ENDS_S:
        time.sleep(LOOK_S)
        if state.active_requests:
            idle_since_s = time.monotonic()
    log.warning("worker ends without a word to Redis, which does not answer", waited_s=ENDS_S)
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.send_signal(signal.SIGKILL)
    os._exit(0)
