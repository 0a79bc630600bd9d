"""What Redis says of itself, for a check-up."""

from __future__ import annotations

import time

from slotwise.bus.client import Bus, translated
from slotwise.errors import BusError
from slotwise.health.checks import RedisFacts


def redis_facts(bus: Bus) -> RedisFacts:
    """Ask Redis for its version, its clock and how it keeps what it has."""
    try:
        with translated():
            asked_at = time.time()
            seconds, microseconds = bus.redis.time()
            answered_at = time.time()
            server, file, memory = (
                bus.redis.info(part) for part in ("server", "persistence", "memory")
            )
    except BusError as error:
        return RedisFacts(error=str(error))
    return RedisFacts(
        version=str(server.get("valkey_version") or server.get("redis_version", "unknown")),
        append_only=bool(file.get("aof_enabled")),
        eviction=str(memory.get("maxmemory_policy", "noeviction")),
        ahead_s=seconds + microseconds / 1e6 - (asked_at + answered_at) / 2,
    )
