"""A registry store in memory: the same port as `lake.registry_store.DeltaRegistryStore`."""

from __future__ import annotations

from collections.abc import Sequence

from slotwise.registry import RegistryRow


class MemoryRegistryStore:
    """Keep rows in order; two registries may share one."""

    def __init__(self) -> None:
        self._rows: list[RegistryRow] = []

    def read(self) -> list[RegistryRow]:
        return list(self._rows)

    def append(self, rows: Sequence[RegistryRow]) -> None:
        self._rows += rows
