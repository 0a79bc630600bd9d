"""The strategy registry's rows in Delta.

Strategies change by hand, a few times a day, so the process that changes one appends the rows
itself, and the change is durable before any other process is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from slotwise.lake.misfits import batch_by_hand
from slotwise.lake.queries import registry_rows
from slotwise.lake.schemas import STRATEGY_REGISTRY
from slotwise.lake.store import Lake
from slotwise.lake.writer import append_rows
from slotwise.registry import RegistryRow, StrategyRegistry


class DeltaRegistryStore:
    """Keep registry rows in table `strategy_registry`."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._rows: list[RegistryRow] = []
        #: Version of the table that the rows are at least of.
        self._version = -1

    def read(self) -> list[RegistryRow]:
        """Read every row, oldest first; the table itself only when it has a new version.

        The gateway asks with every poll, and there is one file for each change.
        """
        version = self._lake.open_without_files(STRATEGY_REGISTRY.name).version()
        if version != self._version:
            self._rows, self._version = registry_rows(self._lake), version
        return self._rows

    def append(self, rows: Sequence[RegistryRow]) -> None:
        """Add the rows of one change in one commit."""
        append_rows(self._lake, STRATEGY_REGISTRY.name, batch_by_hand(rows, STRATEGY_REGISTRY.sent))


def open_registry(lake: Lake | str) -> StrategyRegistry:
    """Open the registry of a lake, or of the one at an address; raises LakeError.

    A lake that is not there is not made.
    """
    return StrategyRegistry(DeltaRegistryStore(Lake(lake) if isinstance(lake, str) else lake))
