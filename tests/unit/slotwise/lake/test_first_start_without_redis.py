"""No lake is made while Redis does not say whether the system has one: a disk may be missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.lake_identity import KnownLake, LakeIdentity
from slotwise.errors import BusError, LakeAbsentError
from slotwise.lake.first_start import begin
from slotwise.lake.store import Lake
from workers.stack.ports import free_port


def begin_at(mount: Path, bus: Bus) -> None:
    """Begin as a process does that has just started."""
    identity = LakeIdentity(bus)
    begin(Lake(str(mount), identity.expected), identity)


def test_a_redis_that_is_away_may_have_a_lakes_identity(tmp_path: Path) -> None:
    away = Bus(f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(BusError):
        begin_at(tmp_path / "mount", away)
    assert not (tmp_path / "mount").exists()
    away.close()


def test_an_identity_that_cannot_be_read_is_one(tmp_path: Path, bus: Bus) -> None:
    bus.redis.set(bus.key("lake"), b"\xc1")
    with pytest.raises(BusError, match="cannot be read"):
        begin_at(tmp_path / "mount", bus)
    assert not (tmp_path / "mount").exists()


def test_a_lake_made_at_the_same_time_as_another_is_refused_at_once(
    tmp_path: Path, bus: Bus
) -> None:
    """The lake that was recorded first is the system's."""

    class Slow(LakeIdentity):
        """Records its lake after another process recorded one."""

        def remember(self, identity: str) -> KnownLake:
            LakeIdentity(bus).remember("another")
            return super().remember(identity)

    identity = Slow(bus)
    with pytest.raises(LakeAbsentError, match="there is another lake"):
        begin(Lake(str(tmp_path / "mount"), identity.expected), identity)
