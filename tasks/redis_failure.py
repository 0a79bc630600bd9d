"""A command that asks the workers: what Celery raises where Redis refuses, as one BusError.

Celery passes redis-py's errors on where it reads a result, and wraps them where it sends a task.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kombu.exceptions import OperationalError

from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus, translated
from slotwise.bus.server_info import PROBE_MS
from slotwise.bus.trouble import SENTENCES, trouble_of
from slotwise.errors import BusAwayError, BusError
from tasks.context import context


@contextmanager
def redis_failure_translated(doing: str) -> Iterator[None]:
    """Turn a failure of Redis into a BusError with what could not be done, and why."""
    try:
        with translated():
            yield
    except (BusError, OperationalError) as error:
        trouble = trouble_of(error)
        if trouble in (None, "other", "mismatch", "wrong_key"):
            # These need the error's own words.
            raise BusError(f"{doing} failed: {_first_line(error)}") from error
        # The rest of the sentence is what a process does; a command ends.
        happens = SENTENCES[trouble].partition(";")[0]
        kind = BusAwayError if trouble == "away" else BusError
        raise kind(f"{doing} failed: {happens}; run the command again after that") from error


def raise_where_redis_fails() -> None:
    """Raise BusError where Redis takes no writes now: an answer that does not come may be lost."""
    config = context().settings
    bus = Bus(config.redis_url, config.key_prefix, COMMAND_TIMEOUT_S)
    try:
        with translated():
            bus.redis.set(bus.key("probe"), "1", px=PROBE_MS)
    finally:
        bus.close()


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
