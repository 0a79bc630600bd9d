"""What waits for a person, as the verdict takes it from what was read."""

from __future__ import annotations

from math import inf

from slotwise.health.verdict.facts import Waiting
from workers.screen.facts import BusFacts, Screen


def waiting_of(screen: Screen, bus: BusFacts) -> Waiting:
    """Return what waits for a person: of the gateway, the lake, its disk, and the monitor."""
    gateway, lake = bus.gateway, screen.lake
    return Waiting(
        failed_items=0 if lake is None else lake.failed_items,
        set_aside=0 if lake is None else lake.set_aside,
        disk_free_share=None if lake is None else lake.disk_free_share,
        monitor_silent_s=_monitor_silent_s(screen, bus),
        receiver_error=bus.receiver_error,
        spooled=0 if gateway is None else gateway.spooled,
        spool_share=0.0 if gateway is None else gateway.spool_share,
        spool_error="" if gateway is None else gateway.spool_error,
        updates_lost=0 if gateway is None else gateway.updates_lost,
        handler_errors={} if gateway is None else gateway.handler_errors,
        handlers_busy_s={} if gateway is None else gateway.handlers_busy_s,
    )


def _monitor_silent_s(screen: Screen, bus: BusFacts) -> float | None:
    if not screen.needs_monitor:
        return None
    return inf if bus.monitor_at is None else (screen.now - bus.monitor_at).total_seconds()
