"""Marks: what was done last, so that it is done once by whoever comes first."""

from __future__ import annotations

from slotwise.bus.client import Bus, translated

#: A mark is kept this long, seconds: over a long weekend.
KEPT_S = 7 * 86_400


class Marks:
    """Remember one value by name."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def get(self, name: str) -> str | None:
        """Read what is remembered; None where nothing is."""
        with translated():
            value = self._bus.redis.get(self._bus.key("mark", name))
        return None if value is None else value.decode()

    def is_new(self, name: str, value: str) -> bool:
        """Remember a value; True where another one, or none, was remembered before."""
        with translated():
            before = self._bus.redis.set(
                self._bus.key("mark", name), value, ex=KEPT_S, get=True
            )  # fmt: skip
        return before is None or before.decode() != value
