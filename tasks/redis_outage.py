"""One line an outage of Redis, instead of a traceback for each thing that failed by it.

Celery and kombu log every error of Redis with its traceback; beat alone wrote 120 of them in 20 s.

Rules:
* A record whose error comes from Redis becomes one line with the cause, without a traceback.
* The same cause is logged once, and again only after `QUIET_S` without a further record of it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from slotwise.bus.trouble import SENTENCES, Trouble, trouble_of

#: An outage counts as over after this long without a further record, seconds: whatever fails is
#: tried again much sooner, by the beat at the latest.
QUIET_S = 30.0


#: Troubles whose line needs the error's own words: a wrong key is named there.
WITH_REASON = ("other", "mismatch", "wrong_key")


class OutageLines:
    """Pure part: whether a record of a cause is the first of its outage."""

    def __init__(self, quiet_s: float = QUIET_S) -> None:
        self._quiet_s = quiet_s
        self._last: dict[Trouble, float] = {}

    def is_first(self, trouble: Trouble, now: float) -> bool:
        """Return whether the outage is new; `now` is seconds of any steady clock."""
        before = self._last.get(trouble)
        self._last[trouble] = now
        return before is None or now - before > self._quiet_s


class RedisOutageFilter(logging.Filter):
    """Filter of a log handler that makes one line of an outage."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._lines = OutageLines()
        self._clock = clock

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is logged; its text may have been replaced."""
        error = record.exc_info[1] if record.exc_info else None
        trouble = None if error is None else trouble_of(error)
        if trouble is None:
            return True
        if not self._lines.is_first(trouble, self._clock()):
            return False
        text = str(error).splitlines()[0] if trouble in WITH_REASON and str(error) else ""
        record.msg = f"{SENTENCES[trouble]}{': ' if text else ''}{text}".replace("%", "%%")
        record.args = ()
        record.exc_info = None
        record.exc_text = None
        return True
