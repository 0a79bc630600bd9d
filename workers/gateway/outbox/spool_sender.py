"""SpoolSender: the thread that keeps the gateway's entries on disk and sends them from there.

It also sends what another gateway on this machine left when it ended: a standby that took over, or
a gateway that was started beside it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import pyarrow as pa
import structlog

from slotwise.errors import BusError
from slotwise.rules.landing import Head
from workers.gateway.outbox.spool import Spool
from workers.gateway.outbox.spool_flow import LOOK_S, KeptStream, SpoolFlow

log = structlog.get_logger(__name__)

#: Wait between tries while Redis is away, seconds: from the first to the longest.
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 2.0
#: What other gateways left is looked for this often, seconds: one that ended may not be gone yet.
ADOPT_S = 30.0
#: A spool is open within this, seconds: its file may be busy for five.
OPEN_S = 10.0
#: Entries of this time share one note of it, seconds: enough to say how long the oldest waits.
NOTED_S = 1.0
#: At the end, what still waits is given this long, seconds. The rest is sent at the next start.
CLOSE_TIMEOUT_S = 5.0


class SpoolSender:
    """Take entries from any thread; each lands, sooner or later, exactly once."""

    def __init__(
        self,
        stream: KeptStream,
        open_spool: Callable[[], Spool],
        open_left: Callable[[], Sequence[Spool]] = tuple,
        may_send: Callable[[Spool], bool] = lambda spool: True,
    ) -> None:
        self._stream = stream
        self._may_send = may_send
        self._open_spool = open_spool
        self._open_left = open_left
        self._left: list[SpoolFlow] = []
        self._adopt_at = 0.0
        self._given: list[tuple[Head, pa.RecordBatch | None]] = []
        self._tickets = 0
        #: When entries were kept that may not have landed, with the last ticket of each time.
        self._noted: deque[tuple[float, int]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._spool: Spool | None = None
        self._flow: SpoolFlow | None = None
        self._away = False
        self._opened = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    def epoch(self) -> int:
        """Wait until the spool is open, and return which of its starts this is."""
        self._opened.wait(OPEN_S)
        return 0 if self._spool is None else self._spool.epoch

    @property
    def lost(self) -> int:
        """Count the entries that were given up."""
        return 0 if self._spool is None else self._spool.lost

    @property
    def landed(self) -> int:
        """Return the newest ticket that has landed, with all before it."""
        return 0 if self._flow is None else self._flow.landed

    @property
    def waiting(self) -> int:
        """Count the entries of this start that have not landed."""
        return max(self._tickets - self.landed, 0)

    @property
    def share(self) -> float:
        """Return how full the spool is, from 0 to 1."""
        return 0.0 if self._spool is None else self._spool.share

    @property
    def refused(self) -> str:
        """Return why the spool's disk is not used; empty where it is."""
        return "" if self._spool is None else self._spool.refused

    @property
    def oldest_s(self) -> float:
        """Return for how long the oldest entry of this start has not landed, seconds."""
        with self._changed:
            while self._noted and self._noted[0][1] <= self.landed:
                self._noted.popleft()
            return time.monotonic() - self._noted[0][0] if self._noted else 0.0

    def keep(self, head: Head, rows: pa.RecordBatch | None = None) -> int:
        """Take an entry; it is on disk a moment later, and in Redis when Redis is there.

        Return its ticket: 1 for the first, and so on.
        """
        with self._changed:
            self._given.append((head, rows))
            self._tickets += 1
            kept_at = time.monotonic()
            if self._noted and kept_at - self._noted[-1][0] < NOTED_S:
                kept_at, _ = self._noted.pop()
            self._noted.append((kept_at, self._tickets))
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
        self._opened.set()
        self._flow = SpoolFlow(self._stream, self._spool, may_send=self._may_send)
        try:
            while not self._works(self._flow):
                time.sleep(LONGEST_WAIT_S)
        finally:
            self._spool.close()
            for left in self._left:
                left.close()

    def _works(self, flow: SpoolFlow) -> bool:
        """Work to the end; an unforeseen error is logged, and must not stop all rows."""
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
                    more = flow.send(time.monotonic())
                    wait_s = 0.0 if self._send_left() or more else LOOK_S
                    self._away, retry_s = False, FIRST_WAIT_S
                except BusError as error:
                    self._log_away(str(error))
                    wait_s, retry_at = retry_s, time.monotonic() + retry_s
                    retry_s = min(retry_s * 2, LONGEST_WAIT_S)
            with self._changed:
                if not self._given:
                    if self._closing and (self._away or wait_s):
                        return
                    self._changed.wait(wait_s)

    def _send_left(self) -> bool:
        """Send what others left; return True where there is more to send at once."""
        now = time.monotonic()
        if now >= self._adopt_at:
            self._adopt_at = now + ADOPT_S
            self._left += [
                SpoolFlow(self._stream, spool, grows=False, may_send=self._may_send)
                for spool in self._open_left()
            ]
        more = False
        for left in tuple(self._left):
            more = left.send(now) or more
            if left.is_empty():
                self._left.remove(left)
                left.close()
        return more

    def _log_away(self, reason: str) -> None:
        if not self._away:
            log.warning("redis is away, entries wait on disk", reason=reason)
        self._away = True
