"""SpoolFlow: which entry of a spool goes to Redis next. No thread and no clock.

    kept --sent--> in Redis --landed--> forgotten
                   in Redis --Redis was emptied, or lost its end--> kept
    kept --Redis or the lake know higher numbers--> kept, with numbers beyond them

At most a window of entries is in Redis and not landed: when the lake is slow or away, the rest
waits on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import pyarrow as pa
import structlog

from slotwise.bus.landing_stream import Kept, encoded
from slotwise.rules.landing import Head
from workers.gateway.outbox.spool import Spool

log = structlog.get_logger(__name__)

#: Entries in Redis that have not landed, at most: some 200 MB of the largest ones.
WINDOW = 5_000
#: Entries read from the spool at once.
READ_COUNT = 200
#: What has landed, and what Redis has, is looked at this often, seconds: a beat is five.
LOOK_S = 1.0


class KeptStream(Protocol):
    """Take entries of a spool; `bus.landing_stream.LandingStream` does."""

    def append_kept(self, kept: Kept, spool: str) -> int: ...
    def progress(self, spool: str) -> tuple[int, int]: ...


class SpoolFlow:
    """Bring the entries of a spool to the stream in order, each at least once."""

    def __init__(
        self,
        stream: KeptStream,
        spool: Spool,
        window: int = WINDOW,
        *,
        grows: bool = True,
        may_send: Callable[[Spool], bool] = lambda spool: True,
    ) -> None:
        self._window = window
        self._asks = may_send
        self._may_send = False
        #: False for what another gateway left: no entry comes any more.
        self._grows = grows
        self._stream = stream
        self._spool = spool
        #: The number before the first entry of this run.
        self.base = spool.first_number() - 1
        #: Numbers of the newest entry kept, sent, and landed.
        self._number, self._sent, self._landed = self.base, 0, 0
        self._in_redis: list[int] = []
        self._looked_at = float("-inf")

    @property
    def landed(self) -> int:
        """Count the entries of this run that have landed."""
        return max(0, self._landed - self.base)

    def is_empty(self) -> bool:
        """Return True where nothing is kept any more."""
        return self._spool.count() == 0

    def close(self) -> None:
        """Close the spool."""
        self._spool.close()

    def put(self, entries: Sequence[tuple[Head, pa.RecordBatch | None]]) -> None:
        """Keep entries."""
        kept = []
        for head, rows in entries:
            self._number += 1
            kept.append(Kept(self._number, 0, *encoded(head, rows)))
        self._spool.put(kept)

    def send(self, now: float) -> bool:
        """Send what the window allows; return whether there is more to send at once.

        Raises BusError; `now` is seconds of any steady clock.
        """
        if now - self._looked_at >= LOOK_S:
            self._may_send = self._asks(self._spool)
            if self._may_send:
                self._look()
            self._looked_at = now
        if not self._may_send:
            return False
        count = min(READ_COUNT, self._window - len(self._in_redis))
        entries = self._spool.after(self._sent, count) if count > 0 else []
        for entry in entries:
            here = self._stream.append_kept(entry, self._spool.name)
            if here < entry.number:
                self._go_back(here)
                return True
            self._sent = max(here, self._sent)
            self._in_redis.append(entry.number)
        return 0 < count == len(entries)

    def _look(self) -> None:
        """Delete what has landed, and find what Redis has lost."""
        landed, here = self._stream.progress(self._spool.name)
        if self._grows and max(landed, here) > self._number:
            self._move_on(max(landed, here))
        if landed > self._landed:
            self._landed = landed
            self._in_redis = [n for n in self._in_redis if n > landed]
            self._spool.forget(landed)
        if here < self._sent:
            self._go_back(max(here, self._landed))

    def _move_on(self, beyond: int) -> None:
        """Renumber this run's entries beyond all that were used: the spool is an older copy."""
        by = self._spool.move_on(self.base, beyond)
        log.warning(
            "spool was put back from an older copy; its entries get new numbers",
            spool=self._spool.name,
            entries=self._number - self.base,
        )
        self._in_redis = [n for n in self._in_redis if n <= self.base]
        self._sent = min(self._sent, self.base)
        self.base += by
        self._number += by

    def _go_back(self, here: int) -> None:
        if self._in_redis:
            log.warning("redis has lost entries, they are sent again", entries=len(self._in_redis))
        self._sent = here
        self._in_redis = [n for n in self._in_redis if n <= here]
