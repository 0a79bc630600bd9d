"""OnceKeys: what was done last, so that it is not done again.

A key is set after the thing was handed on, never before: a process that ends in between does it
twice, and the receiver drops the second by its id. A key set before would lose it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slotwise.bus.client import Bus, translated

#: A key is kept this long, seconds: over a long weekend.
KEPT_S = 7 * 86_400


class OnceKeys:
    """Values by name, kept for a week."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def get(self, name: str) -> str | None:
        """Read a value, and keep it for another week; None where there is none."""
        with translated():
            value = self._bus.redis.getex(self._bus.key("mark", name), ex=KEPT_S)
        return None if value is None else value.decode()

    def put(self, values: Mapping[str, str]) -> None:
        """Keep values by name, all in one step."""
        if not values:
            return
        with translated():
            pipeline = self._bus.redis.pipeline(transaction=True)
            self.add_to(pipeline, values)
            pipeline.execute()

    def add_to(self, pipeline: Any, values: Mapping[str, str]) -> None:
        """Add the keeping of values to a step that keeps something else as well."""
        for name, value in values.items():
            pipeline.set(self._bus.key("mark", name), value, ex=KEPT_S)
