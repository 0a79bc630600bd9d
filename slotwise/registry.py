"""StrategyRegistry: which contracts are in active strategies.

A change is a few rows appended to table `strategy_registry`, all with one `event_id`. An
activation replaces the strategy's contracts as a whole and a closing ends it, so the newest
event of a strategy is its state. A contract stays active while any strategy holds it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from msgspec.structs import replace

from slotwise.errors import InputError, UnknownStrategyError
from slotwise.rules.registry_changes import (
    Reading,
    RegistryChange,
    RegistryState,
    follow_change,
    settle_reading,
)
from slotwise.rules.registry_changes import RegistryRow as RegistryRow
from slotwise.rules.registry_changes import strategies_of as strategies_of
from slotwise.strategy import DEFAULT_PRIORITY, Strategy

#: IB's contract ids are 32-bit numbers; so is the column of priorities.
LARGEST = 2**31 - 1
#: No table has it: what is known is read again whatever the table's version is.
NO_VERSION = -1


class RegistryStore(Protocol):
    """Keep registry rows; `lake.registry_store` does in Delta."""

    def read(self, known: RegistryState) -> RegistryState:
        """Read every row, oldest first; where the table has nothing new, `known` itself."""
        ...

    def append(
        self, rows: Sequence[RegistryRow], on_change: Callable[[RegistryChange], None]
    ) -> None:
        """Add the rows of one change, all or none; then call `on_change` with its record."""
        ...


class StrategyRegistry:
    """Answer at once whether a contract is active; keep every change in the store."""

    def __init__(
        self, store: RegistryStore, on_change: Callable[[RegistryChange], None] | None = None
    ) -> None:
        """Read the store; `on_change` is called with each change made here, once it is recorded."""
        self._store = store
        self._on_change = on_change
        self._state = RegistryState()
        self._strategies: Mapping[str, Strategy] = {}
        self._owners: dict[int, tuple[str, ...]] = {}
        self.reload()

    def reload(self) -> bool:
        """Read the store again; return True when strategies have changed."""
        return self.take(self.read())

    def read(self) -> Reading:
        """Read the store and change nothing here: may run in a thread of its own."""
        began = self._state
        return Reading(began, self._store.read(began))

    def take(self, reading: Reading) -> bool:
        """Take over what a reading found; return True when strategies have changed."""
        before = self._strategies
        self._take(settle_reading(reading, self._state))
        return self._strategies != before

    def follow(self, change: RegistryChange) -> bool:
        """Take over a change that another process recorded; False where the store is to be read."""
        known = follow_change(self._state, change)
        if known is None:
            # Also where its version is the known one again: a lake that went back has it twice.
            self._state = replace(self._state, version=NO_VERSION)
            return False
        if known is not self._state:
            self._take(known)
        return True

    def is_active(self, con_id: int) -> bool:
        """Return whether any active strategy owns the contract; an in-memory look-up."""
        return con_id in self._owners

    def owners(self, con_id: int) -> tuple[str, ...]:
        """Return the strategies that own a contract, most important first."""
        return self._owners.get(con_id, ())

    def wanted(self) -> dict[int, int]:
        """Map each active contract to the priority of its most important strategy."""
        return {
            con_id: self._strategies[owners[0]].priority for con_id, owners in self._owners.items()
        }

    def quantities(self, con_id: int) -> dict[str, Decimal]:
        """Return how much of a contract is whose, by the strategies that say so."""
        of = ((name, self._strategies[name].quantities) for name in self.owners(con_id))
        return {name: own[con_id] for name, own in of if con_id in own}

    def strategies(self) -> tuple[Strategy, ...]:
        """List the active strategies, most important first."""
        return tuple(sorted(self._strategies.values(), key=_importance))

    def get(self, name: str) -> Strategy:
        """Find an active strategy; raises UnknownStrategyError."""
        if name not in self._strategies:
            known = ", ".join(sorted(self._strategies)) or "none is active"
            raise UnknownStrategyError(f"no active strategy {name!r} (known: {known})")
        return self._strategies[name]

    def activate(
        self,
        name: str,
        con_ids: Iterable[int],
        now: datetime,
        priority: int = DEFAULT_PRIORITY,
        quantities: Mapping[int, Decimal] | None = None,
    ) -> Strategy:
        """Make a strategy active with exactly these contracts, whatever it had before.

        Contracts have no order among themselves; they are kept sorted. `quantities` says how much
        of some of them is the strategy's own.

        Raises InputError on an empty name, no contract, a contract id below 1, or a priority
        below 1.
        """
        strategy = activation(name, con_ids, now, priority, quantities)
        self._keep(rows_of(strategy))
        return strategy

    def close(self, name: str, now: datetime) -> Strategy:
        """End a strategy; its contracts stay active where another strategy holds them.

        Raises UnknownStrategyError.
        """
        strategy = self.get(name)
        self._keep((RegistryRow(_event_id(), "closed", name, None, None, now),))
        return strategy

    def _keep(self, rows: Sequence[RegistryRow]) -> None:
        self._store.append(rows, self._publish_change)

    def _publish_change(self, change: RegistryChange) -> None:
        if self._on_change is not None:
            self._on_change(change)
        if not self.follow(change):
            # Another process changed something since the last reading, which stays for the next:
            # what was changed here counts at once.
            self._show(strategies_of(change.rows, self._strategies))

    def _take(self, known: RegistryState) -> None:
        self._state = known
        self._show(known.strategies)

    def _show(self, strategies: Mapping[str, Strategy]) -> None:
        owners: dict[int, list[str]] = {}
        for strategy in sorted(strategies.values(), key=_importance):
            for con_id in strategy.con_ids:
                owners.setdefault(con_id, []).append(strategy.name)
        self._strategies = strategies
        self._owners = {con_id: tuple(names) for con_id, names in owners.items()}


def activation(
    name: str,
    con_ids: Iterable[int],
    now: datetime,
    priority: int = DEFAULT_PRIORITY,
    quantities: Mapping[int, Decimal] | None = None,
) -> Strategy:
    """Make the strategy of an activation; raises InputError as `StrategyRegistry.activate` does."""
    legs = checked_legs(name, con_ids, priority)
    own = {c: quantity for c, quantity in (quantities or {}).items() if c in legs}
    return Strategy(name=name, con_ids=legs, priority=priority, activated_at=now, quantities=own)


def rows_of(strategy: Strategy) -> tuple[RegistryRow, ...]:
    """Return the rows of a strategy's activation: one event."""
    event_id, one = _event_id(), strategy
    return tuple(
        RegistryRow(
            event_id, "activated", one.name, con_id, one.priority, one.activated_at,
            one.quantities.get(con_id),
        )
        for con_id in one.con_ids
    )  # fmt: skip


def checked_legs(name: str, con_ids: Iterable[int], priority: int) -> tuple[int, ...]:
    """Return the contracts of an activation, sorted, each once; raises InputError as it does."""
    legs = tuple(sorted(set(con_ids)))
    if not name.strip():
        raise InputError("a strategy needs a name")
    if not legs:
        raise InputError(f"strategy {name!r} needs at least one contract id")
    if bad := [con_id for con_id in legs if con_id < 1]:
        raise InputError(f"contract id {bad[0]} is not a positive number")
    if legs[-1] > LARGEST:
        raise InputError(f"contract id {legs[-1]} is larger than any of IB's")
    if priority < 1:
        raise InputError(f"priority {priority} is below 1, the highest")
    if priority > LARGEST:
        raise InputError(f"priority {priority} is too large")
    return legs


def _event_id() -> str:
    return secrets.token_hex(8)


def _importance(strategy: Strategy) -> tuple[int, str]:
    return strategy.priority, strategy.name
