"""OnceKeys: values that every process sees, kept as long as they are asked for."""

from __future__ import annotations

from slotwise.bus.client import Bus
from slotwise.bus.once_keys import KEPT_S, OnceKeys


def test_marks_keep_values_by_name(bus: Bus) -> None:
    once_keys, others = OnceKeys(bus), OnceKeys(bus)
    assert once_keys.get("day") is None
    once_keys.put({"day": "monday", "week": "first"})
    assert (others.get("day"), others.get("week")) == ("monday", "first")
    others.put({"day": "tuesday"})
    assert (once_keys.get("day"), once_keys.get("week")) == ("tuesday", "first")


def test_marks_that_are_read_live_on(bus: Bus) -> None:
    """A break that lives for weeks is looked at by each report."""
    once_keys = OnceKeys(bus)
    once_keys.put({"alert": "sent"})
    bus.redis.expire(bus.key("mark", "alert"), 60)
    assert once_keys.get("alert") == "sent"
    assert bus.redis.ttl(bus.key("mark", "alert")) > KEPT_S - 60
