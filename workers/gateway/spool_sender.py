"""SpoolSender: the thread that keeps the gateway's entries on disk and sends them from there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pyarrow as pa
import structlog

from slotwise.errors import BusError
from slotwise.landing import Head
from workers.gateway.spool import Spool
from workers.gateway.spool_flow import LOOK_S, KeptStream, SpoolFlow

log = structlog.get_logger(__name__)

#: Wait between tries while Redis is away, seconds: from the first to the longest.
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 2.0
#: At the end, what still waits is given this long, seconds. The rest is sent at the next start.
CLOSE_TIMEOUT_S = 5.0


class SpoolSender:
    """Take entries from any thread; each lands, sooner or later, exactly once."""

    def __init__(self, stream: KeptStream, open_spool: Callable[[], Spool]) -> None:
        self._stream = stream
        self._open_spool = open_spool
        self._given: list[tuple[Head, pa.RecordBatch | None]] = []
        self._tickets = 0
        self._changed = threading.Condition()
        self._closing = False
        self._spool: Spool | None = None
        self._flow: SpoolFlow | None = None
        self._away = False
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """Count the entries that were given up."""
        return 0 if self._spool is None else self._spool.lost

    @property
    def landed(self) -> int:
        """Give the newest ticket that has landed, with all before it."""
        return 0 if self._flow is None else self._flow.landed

    @property
    def waiting(self) -> int:
        """Count the entries of this start that have not landed."""
        return max(self._tickets - self.landed, 0)

    def keep(self, head: Head, rows: pa.RecordBatch | None = None) -> int:
        """Take an entry; it is on disk a moment later, and in Redis when Redis is there.

        Return its ticket: 1 for the first, and so on.
        """
        with self._changed:
            self._given.append((head, rows))
            self._tickets += 1
            self._changed.notify()
            return self._tickets

    def close(self) -> None:
        """Send what waits, for a while, and end the thread; what is left is on disk."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(CLOSE_TIMEOUT_S)

    def _run(self) -> None:
        self._spool = self._open_spool()
        self._flow = SpoolFlow(self._stream, self._spool)
        try:
            while not self._works(self._flow):
                time.sleep(LONGEST_WAIT_S)
        finally:
            self._spool.close()

    def _works(self, flow: SpoolFlow) -> bool:
        """Work to the end; what nobody foresaw is told, and must not stop all rows for ever."""
        try:
            self._work(flow)
        except Exception:
            log.exception("the spool failed, it is tried again")
            return self._closing
        return True

    def _work(self, flow: SpoolFlow) -> None:
        retry_s, retry_at = FIRST_WAIT_S, 0.0
        while True:
            with self._changed:
                given, self._given = self._given, []
            if given:
                flow.put(given)
            wait_s = retry_at - time.monotonic()
            if not self._away or wait_s <= 0:
                try:
                    wait_s = 0.0 if flow.send(time.monotonic()) else LOOK_S
                    self._away, retry_s = False, FIRST_WAIT_S
                except BusError as error:
                    self._tell_away(str(error))
                    wait_s, retry_at = retry_s, time.monotonic() + retry_s
                    retry_s = min(retry_s * 2, LONGEST_WAIT_S)
            with self._changed:
                if not self._given:
                    if self._closing and (self._away or wait_s):
                        return
                    self._changed.wait(wait_s)

    def _tell_away(self, reason: str) -> None:
        if not self._away:
            log.warning("redis is away, entries wait on disk", reason=reason)
        self._away = True
