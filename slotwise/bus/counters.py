"""Counters of what happened, over all processes, for metrics; never the ground of a decision."""

from __future__ import annotations

from slotwise.bus.client import Bus, translated


class Counters:
    """Counters by name; they start again at 0 when Redis does."""

    def __init__(self, bus: Bus) -> None:
        self._redis = bus.redis
        self._key = bus.key("counters")

    def add(self, name: str, number: int = 1) -> None:
        """Count this many more."""
        if number:
            with translated():
                self._redis.hincrby(self._key, name, number)

    def all(self) -> dict[str, int]:
        """Read every counter."""
        with translated():
            found = self._redis.hgetall(self._key)
        return {name.decode(): int(value) for name, value in found.items() if value.isdigit()}
