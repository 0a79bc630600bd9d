"""Alerts on their way to the receiver: kept in Redis until it takes them, and tried on the beat.

Rules:
* An alert is kept in the same step in which its breaks are marked, so no end of a process is
  between the two. It leaves when the receiver took it, refused it for good, or was tried too often.
* Waits are counted in rounds, of which each beat begins one, and not by a clock.
* Each alert has its own count: one that is refused delays none behind it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from slotwise.bus.client import Bus, translated
from slotwise.bus.once_keys import KEPT_S, OnceKeys
from slotwise.bus.readable import readable

#: Alerts that wait at most; beyond it the oldest is given up. Each report makes two at most.
MOST_WAITING = 1000
_BODY = "body"


class Tries(msgspec.Struct, frozen=True):
    """How often an alert was tried, and the round from which on it is tried again."""

    tries: int = 0
    due: int = 0


class WaitingAlert(msgspec.Struct, frozen=True):
    """An alert that waits: its entry's id, its text, and how often it was tried."""

    entry: str
    body: bytes
    tries: int


_tries = msgspec.json.Decoder(Tries)


class AlertOutbox:
    """Alerts in the order in which they were kept."""

    def __init__(self, bus: Bus) -> None:
        self._redis = bus.redis
        self._once_keys = OnceKeys(bus)
        self._alerts, self._tries, self._round = (
            bus.key(name) for name in ("alerts", "alerts:tries", "alerts:round")
        )

    def put(self, body: bytes, once_keys: Mapping[str, str]) -> bool:
        """Keep an alert and set its keys, in one step; return False where another was given up."""
        with translated():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.xlen(self._alerts)
            pipeline.xadd(self._alerts, {_BODY: body}, maxlen=MOST_WAITING, approximate=False)
            pipeline.expire(self._alerts, KEPT_S)
            self._once_keys.add_to(pipeline, once_keys)
            waiting: int = pipeline.execute()[0]
            return waiting < MOST_WAITING

    def length(self) -> int:
        """Count the alerts that wait."""
        with translated():
            return int(self._redis.xlen(self._alerts))

    def begin_round(self) -> None:
        """Begin another round: what waited for it is due."""
        with translated():
            self._redis.incr(self._round)
            self._redis.expire(self._round, KEPT_S)

    def due(self, longest: int) -> list[WaitingAlert]:
        """Return the alerts to try in this round, oldest first.

        One whose round is further away than the longest wait is due: Redis has lost the count.
        """
        with translated():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.xrange(self._alerts)
            pipeline.hgetall(self._tries)
            pipeline.get(self._round)
            entries, counted, at = pipeline.execute()
        now, found = int(at or 0), []
        for entry, fields in entries:
            kept = readable(_tries, counted.get(entry), self._tries) or Tries()
            if not now < kept.due <= now + longest:
                body = fields.get(_BODY.encode(), b"")
                found.append(WaitingAlert(entry.decode(), body, kept.tries))
        return found

    def tried(self, alert: WaitingAlert, wait: int) -> None:
        """Count a try after which an alert waits for a number of rounds."""
        with translated():
            now = int(self._redis.get(self._round) or 0)
            kept = msgspec.json.encode(Tries(alert.tries + 1, now + wait))
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.hset(self._tries, alert.entry, kept)
            pipeline.expire(self._tries, KEPT_S)
            pipeline.execute()

    def done(self, alert: WaitingAlert) -> None:
        """Remove an alert; counts of alerts that were given up go with the last one."""
        with translated():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.xdel(self._alerts, alert.entry)
            pipeline.hdel(self._tries, alert.entry)
            pipeline.xlen(self._alerts)
            if not pipeline.execute()[-1]:
                self._redis.delete(self._tries)
