"""The registry's copy: a gateway that starts while the lake is absent keeps active lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from slotwise.errors import LakeAbsentError
from slotwise.lake.registry_store import DeltaRegistryStore, open_registry
from slotwise.lake.store import Lake
from slotwise.registry import StrategyRegistry
from tests.support.values import NOON, at
from workers.gateway.registry_copy import CopiedRegistryStore


def opened(lake: Lake, path: Path | None, expected: str | None = None) -> StrategyRegistry:
    return StrategyRegistry(
        CopiedRegistryStore(DeltaRegistryStore(Lake(lake.address)), path, expected)
    )


def away(lake: Lake) -> Path:
    """Take the lake away, as a mount that is missing does."""
    gone = Path(lake.address).with_name("away")
    Path(lake.address).rename(gone)
    return gone


def test_a_gateway_that_starts_without_the_lake_goes_on_with_the_copy(
    lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "spool" / "gateway-17.registry"
    open_registry(lake.address).activate("condor", [1, 2], NOON)
    assert list(opened(lake, path).wanted()) == [1, 2]
    gone = away(lake)
    with capture_logs() as logs:
        registry = opened(lake, path)
        for _ in range(3):
            registry.reload()
    assert list(registry.wanted()) == [1, 2]
    assert len(logs) == 1, "said once"
    gone.rename(lake.address)
    open_registry(lake.address).close("condor", at(9))
    assert registry.reload()
    assert not registry.wanted()


def test_a_lake_that_vanishes_later_is_an_error_and_the_registry_stays(
    lake: Lake, tmp_path: Path
) -> None:
    open_registry(lake.address).activate("condor", [1], NOON)
    registry = opened(lake, tmp_path / "copy")
    away(lake)
    with pytest.raises(LakeAbsentError):
        registry.reload()
    assert registry.is_active(1)


def test_a_lake_of_which_only_a_part_is_made_is_absent_until_it_is_whole(tmp_path: Path) -> None:
    """A gateway and the lake worker that makes the lake start at one time."""
    lake = Lake(str(tmp_path / "lake"))
    lake.create()
    registry = Path(lake.uri("strategy_registry"))
    later = registry.rename(tmp_path / "later")
    begun = opened(lake, tmp_path / "copy")
    assert not begun.wanted()
    later.rename(registry)
    open_registry(lake.address).activate("condor", [1], NOON)
    assert begun.reload()
    assert list(begun.wanted()) == [1]


def test_a_copy_of_another_lake_says_nothing(lake: Lake, tmp_path: Path) -> None:
    open_registry(lake.address).activate("condor", [1], NOON)
    opened(lake, tmp_path / "copy")
    identity = lake.identity()
    away(lake)
    assert not opened(lake, tmp_path / "copy", expected="another lake").wanted()
    assert opened(lake, tmp_path / "copy", expected=identity).wanted()


def test_without_a_copy_nothing_is_active_until_the_lake_is_there(
    lake: Lake, tmp_path: Path
) -> None:
    open_registry(lake.address).activate("condor", [1], NOON)
    gone = away(lake)
    (tmp_path / "copy").write_bytes(b"what a torn write left")
    registry = opened(lake, tmp_path / "copy")
    assert not registry.wanted()
    gone.rename(lake.address)
    assert registry.reload()
    assert registry.is_active(1)
