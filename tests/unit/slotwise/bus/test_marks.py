"""A mark tells whoever comes first that a thing is new, and nobody after."""

from __future__ import annotations

from slotwise.bus.client import Bus
from slotwise.bus.marks import Marks


def test_a_value_is_new_once(bus: Bus) -> None:
    marks, others = Marks(bus), Marks(bus)
    assert marks.is_new("day", "monday")
    assert not others.is_new("day", "monday")
    assert others.is_new("day", "tuesday")
    assert marks.is_new("week", "tuesday")
