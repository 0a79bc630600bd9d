"""A registry store in memory: the same port as `lake.registry_store.DeltaRegistryStore`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slotwise.rules.registry_changes import (
    RegistryChange,
    RegistryRow,
    RegistryState,
    registry_state,
)


class MemoryRegistryStore:
    """Keep rows in order; two registries may share one."""

    def __init__(self) -> None:
        self._rows: list[RegistryRow] = []
        self._changes = 0

    def read(self, known: RegistryState) -> RegistryState:
        return known if known.number == self._changes else self._state()

    def append(
        self, rows: Sequence[RegistryRow], on_change: Callable[[RegistryChange], None]
    ) -> None:
        self._rows += rows
        self._changes += 1
        on_change(RegistryChange("", self._changes, self._changes, tuple(rows)))

    def _state(self) -> RegistryState:
        return registry_state("", self._changes, self._changes, self._rows)
