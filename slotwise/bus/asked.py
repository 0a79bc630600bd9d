"""Asked: questions that a caller still waits for: no task runs long after its caller went away.

Celery's own time to live compares the clocks of two machines; here Redis lets the key go.
"""

from __future__ import annotations

from slotwise.bus.client import Bus, translated


class Asked:
    """Questions that are open, each under an id that the asker made up."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def open(self, question: str, wait_s: float) -> None:
        """Keep that an answer is waited for, for this long."""
        with translated():
            self._bus.redis.set(self._key(question), 1, px=max(1, round(wait_s * 1000)))

    def is_open(self, question: str) -> bool:
        """Return True while the answer is waited for."""
        with translated():
            return bool(self._bus.redis.exists(self._key(question)))

    def close(self, question: str) -> None:
        """Keep that the answer is not waited for any more."""
        with translated():
            self._bus.redis.delete(self._key(question))

    def _key(self, question: str) -> str:
        return self._bus.key("asked", question)
