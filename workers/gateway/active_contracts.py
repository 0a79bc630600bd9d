"""The gateway's view of the strategy registry: a frozen copy, taken at each reload."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

import msgspec

from slotwise.rules.lines import Claim
from slotwise.rules.registry_changes import Reading, RegistryChange


class RegistryReader(Protocol):
    """The part of `slotwise.registry.StrategyRegistry` that the gateway needs."""

    def read(self) -> Reading:
        """Read the registry again, without effect; blocks on the lake."""
        ...

    def take(self, reading: Reading) -> bool:
        """Take over what a reading found; True when it changed."""
        ...

    def follow(self, change: RegistryChange) -> bool:
        """Take over a change that was received; False where the registry has to be read."""
        ...

    def wanted(self) -> dict[int, int]:
        """Map each active contract to the priority of its most important strategy."""
        ...

    def owners(self, con_id: int) -> tuple[str, ...]:
        """Return the strategies that own a contract, most important first."""
        ...

    def quantities(self, con_id: int) -> Mapping[str, Decimal]:
        """Return each strategy's quantity of a contract, where the strategy names one."""
        ...


class ActiveContracts(msgspec.Struct, frozen=True):
    """Hold the active contracts as they were at one reload."""

    wanted: Mapping[int, Claim] = {}
    owners: Mapping[int, tuple[str, ...]] = {}
    #: Each strategy's quantity of a contract, where the strategy names one.
    quantities: Mapping[int, Mapping[str, Decimal]] = {}

    def owns(self, con_id: int) -> tuple[str, ...]:
        """Return the strategies that own a contract; empty when it is in none."""
        return self.owners.get(con_id, ())


def active_of(registry: RegistryReader) -> ActiveContracts:
    """Return a copy of what a registry has."""
    owners = {con_id: registry.owners(con_id) for con_id in registry.wanted()}
    quantities = {con_id: own for con_id in owners if (own := registry.quantities(con_id))}
    return ActiveContracts(
        {c: Claim(rank, len(owners[c])) for c, rank in registry.wanted().items()},
        owners,
        quantities,
    )
