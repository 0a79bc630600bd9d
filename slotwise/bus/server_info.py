"""What Redis reports of itself, and whether it takes a write, for a check-up."""

from __future__ import annotations

import time

from slotwise.bus.client import Bus, translated
from slotwise.bus.redis_facts import RedisFacts
from slotwise.bus.trouble import trouble_of
from slotwise.errors import BusError

#: The written probe is gone again after this, milliseconds.
PROBE_MS = 1000


def redis_facts(bus: Bus) -> RedisFacts:
    """Return Redis's version, its clock, how it keeps its data, and whether it takes a write."""
    try:
        with translated():
            asked_at = time.time()
            seconds, microseconds = bus.redis.time()
            answered_at = time.time()
            server, file, memory = (
                bus.redis.info(part) for part in ("server", "persistence", "memory")
            )
            # Only a write shows that writes are taken: memory, role and disk all refuse it.
            bus.redis.set(bus.key("probe"), "1", px=PROBE_MS)
    except BusError as error:
        return RedisFacts(error=str(error), trouble=trouble_of(error))
    return RedisFacts(
        version=str(server.get("valkey_version") or server.get("redis_version", "unknown")),
        append_only=bool(file.get("aof_enabled")),
        eviction=str(memory.get("maxmemory_policy", "noeviction")),
        ahead_s=seconds + microseconds / 1e6 - (asked_at + answered_at) / 2,
    )
