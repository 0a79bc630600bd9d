"""The verdict that a demo shows: the monitor's, or that of a Redis which does not answer."""

from __future__ import annotations

from datetime import UTC, datetime

from slotwise.bus.client import Bus
from slotwise.bus.server_info import redis_facts
from slotwise.bus.status import StatusBoard, VerdictStatus
from slotwise.bus.trouble import trouble_of
from slotwise.errors import BusError
from slotwise.health.verdict.published import current, published
from workers.screen.facts import BusFacts, Screen
from workers.screen.verdict import verdict_of

#: States of the verdict before the monitor has seen the gateway of a demo that starts.
EARLY = frozenset({"redis_not_asked", "no_system"})


class DemoVerdict:
    """Read the monitor's verdict, and leave out what it says before the gateway has begun."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._is_judged = False

    def read(self) -> VerdictStatus | None:
        """Return the monitor's verdict; where Redis does not answer or takes no writes, that."""
        now = datetime.now(UTC)
        try:
            found = StatusBoard(self._bus).get(VerdictStatus)
        except BusError as error:
            screen = Screen(now=now, bus=BusFacts().lost(str(error), now, trouble_of(error)))
            return published(verdict_of(screen), now)
        if found is not None and found.state in EARLY and not self._is_judged:
            return None
        self._is_judged = found is not None
        verdict = None if found is None else current(found, now)
        if verdict != found and (report := redis_facts(self._bus)).trouble:
            return published(verdict_of(Screen(now=now, bus=BusFacts(redis=report))), now)
        return verdict
