"""Ending: the process ends soon after it was asked to, whatever its threads wait for.

A reading may wait for Redis, a question about the past for the lake, and a reconciliation a minute
for a worker; Python waits for such threads before it ends. Nothing is lost without that: pages only
read, and a worker that reconciles goes on and publishes its report.
"""

from __future__ import annotations

import os
import threading
import time

import structlog

log = structlog.get_logger(__name__)

#: Time that the process's own end has, seconds: a reading of Redis that is under way may take
#: three, and a supervisor kills after ten.
ENDS_S = 6.0


def end_within(seconds: float = ENDS_S) -> None:
    """End the process after this time, with status 0, unless it has ended by itself."""
    threading.Thread(target=_wait_and_end, args=(seconds,), name="ending", daemon=True).start()


def _wait_and_end(seconds: float) -> None:
    time.sleep(seconds)
    log.warning("process ends at once: a question is still without its answer", waited_s=seconds)
    os._exit(0)
