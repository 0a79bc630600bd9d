"""Conditions that keep the gateway from its work, or a part of it, each with name and beginning.

A condition is a fact for people and programs to read; what is done about it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import structlog

from slotwise.condition import Condition, ConditionName

log = structlog.get_logger(__name__)


class Conditions:
    """Keep the conditions that hold."""

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._now = now
        self._on_change = on_change
        self._held: dict[ConditionName, Condition] = {}

    def hold(self, name: ConditionName, text: str) -> None:
        """Note that a condition holds; its text may change, its beginning does not."""
        known = self._held.get(name)
        if known is None:
            self._held[name] = Condition(name=name, since=self._now(), text=text)
            log.warning("condition began", condition=name, text=text)
            self._on_change()
        elif known.text != text:
            self._held[name] = msgspec.structs.replace(known, text=text)

    def end(self, *names: ConditionName) -> None:
        """Note that conditions do not hold any more."""
        for name in names:
            known = self._held.pop(name, None)
            if known is not None:
                lasted_s = (self._now() - known.since).total_seconds()
                log.info("condition ended", condition=name, lasted_s=round(lasted_s, 1))
                self._on_change()

    def holds(self, name: ConditionName) -> bool:
        """Return True while a condition holds."""
        return name in self._held

    def all(self) -> tuple[Condition, ...]:
        """Return the conditions that hold, the oldest first."""
        return tuple(sorted(self._held.values(), key=lambda one: one.since))
