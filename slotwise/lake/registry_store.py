"""The strategy registry's rows in Delta.

Strategies change by hand, a few times a day, so whoever changes one appends the rows itself
and the change is durable before anybody is told of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from slotwise.lake.arrow import to_batch
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
        lake.open(STRATEGY_REGISTRY.name)

    def read(self) -> list[RegistryRow]:
        """Read every row, oldest first; the table itself only when it has a new version.

        The gateway asks with every poll, and there is one file for each change.
        """
        version = self._lake.open(STRATEGY_REGISTRY.name).version()
        if version != self._version:
            self._rows, self._version = registry_rows(self._lake), version
        return self._rows

    def append(self, rows: Sequence[RegistryRow]) -> None:
        """Add the rows of one change in one commit."""
        append_rows(self._lake, STRATEGY_REGISTRY.name, to_batch(rows, STRATEGY_REGISTRY.sent))


def open_registry(address: str) -> StrategyRegistry:
    """Open the registry of the lake at an address; raises LakeError."""
    return StrategyRegistry(DeltaRegistryStore(Lake(address)))
