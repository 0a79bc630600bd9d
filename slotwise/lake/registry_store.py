"""The strategy registry's rows in Delta.

Strategies change by hand, a few times a day, so the process that changes one appends the rows
itself, and the change is in the table before any other process gets it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slotwise.lake.misfits import batch_by_hand
from slotwise.lake.queries import numbered_registry_rows
from slotwise.lake.schemas import STRATEGY_REGISTRY
from slotwise.lake.store import Lake
from slotwise.lake.writer import Appended, append_rows
from slotwise.registry import StrategyRegistry
from slotwise.rules.registry_changes import (
    RegistryChange,
    RegistryRow,
    RegistryState,
    registry_state,
)


class DeltaRegistryStore:
    """Keep registry rows in table `strategy_registry`."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def read(self, known: RegistryState) -> RegistryState:
        """Read every row, oldest first; the table itself only when it has a new version.

        The gateway asks with every poll, and there is one file for each change.
        """
        version = self._lake.open_without_files(STRATEGY_REGISTRY.name).version()
        lake = self._lake.identity_known()
        if (lake, version) == (known.lake, known.version):
            return known
        rows, number = numbered_registry_rows(self._lake)
        return registry_state(lake, number, version, rows)

    def append(
        self, rows: Sequence[RegistryRow], on_change: Callable[[RegistryChange], None]
    ) -> None:
        """Add the rows of one change in one commit; then call `on_change` with its record."""

        def report(done: Appended) -> None:
            lake = self._lake.identity_known()
            on_change(RegistryChange(lake, done.landing, done.version, tuple(rows)))

        batch = batch_by_hand(rows, STRATEGY_REGISTRY.sent)
        append_rows(self._lake, STRATEGY_REGISTRY.name, batch, report)


def open_registry(
    lake: Lake | str, on_change: Callable[[RegistryChange], None] | None = None
) -> StrategyRegistry:
    """Open the registry of a lake, or of the one at an address; raises LakeError.

    A lake that is not there is not made. `on_change` is called with each change made by this
    registry, once it is recorded.
    """
    store = DeltaRegistryStore(Lake(lake) if isinstance(lake, str) else lake)
    return StrategyRegistry(store, on_change)
