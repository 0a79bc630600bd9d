"""Celery's consumer with three changes: it counts what it cannot read, gathers events, and pauses
where Redis refuses.

Celery notifies Flower of each turn of its loop in a message of its own, so a batch of contracts
cost up to three. Those of a quarter of a second leave together.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from celery.worker.consumer import Consumer

from slotwise.bus.trouble import trouble_of
from tasks.celery_setup.rejected_messages import LOGGED, refused

#: A logger of the standard library: the filter of `redis_outage` makes one line an outage of it.
log = logging.getLogger(__name__)

#: Pause between two connections to a Redis that refuses, seconds.
REFUSED_PAUSE_S = 1.0
#: Events wait for more this long, seconds: it does not show in Flower. Celery sends 24 at once.
GATHERED_S = 0.25


class GatheringConsumer(Consumer):  # type: ignore[misc]  # celery ships no types: its base is Any
    """Take messages from Redis and hand them to the pool."""

    #: When the waiting events are sent, on the monotonic clock, seconds. It is a time and no
    #: flag, for a lost connection clears the loop's timers.
    _leave_at = 0.0

    def on_connection_error_after_connected(self, exc: BaseException) -> None:
        """Log an outage once, and pause where Redis answers but refuses."""
        log.warning("connection to Redis lost", exc_info=exc)
        if trouble_of(exc) not in (None, "away"):
            # It connects at once and is refused at once: without a pause this is a busy loop.
            time.sleep(REFUSED_PAUSE_S)

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Drop the message as Celery does, and count it."""
        super().on_decode_error(message, exc)
        refused("message cannot be read", reason=str(exc)[:LOGGED])

    def on_send_event_buffered(self) -> None:
        """Send the waiting events together, soon."""
        now = time.monotonic()
        if self.hub and now >= self._leave_at:
            self._leave_at = now + GATHERED_S
            self.hub.call_later(GATHERED_S, self._flush_events)

    def shutdown(self) -> None:
        """Send the last events, and end."""
        self._flush_events()
        super().shutdown()
