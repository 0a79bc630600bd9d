"""StrategyRegistry: which contracts are in active strategies.

A change is a few rows appended to table `strategy_registry`, all with one `event_id`. An
activation replaces the strategy's contracts as a whole and a closing ends it, so the newest
event of a strategy is its state. A contract stays active while any strategy holds it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

import msgspec

from slotwise.errors import InputError, UnknownStrategyError
from slotwise.strategy import DEFAULT_PRIORITY, Strategy

#: IB's contract ids are 32-bit numbers; so is the column of priorities.
LARGEST = 2**31 - 1


class RegistryRow(msgspec.Struct, frozen=True):
    """Hold one row of table `strategy_registry`."""

    event_id: str
    event: Literal["activated", "closed"]
    strategy: str
    con_id: int | None
    priority: int | None
    at: datetime
    quantity: Decimal | None = None


class RegistryStore(Protocol):
    """Keep registry rows; `lake.registry_store` does in Delta."""

    def read(self) -> list[RegistryRow]:
        """Read every row, oldest first."""
        ...

    def append(self, rows: Sequence[RegistryRow]) -> None:
        """Add the rows of one change, all or none."""
        ...


class StrategyRegistry:
    """Answer at once whether a contract is active; keep every change in the store."""

    def __init__(self, store: RegistryStore) -> None:
        self._store = store
        self._strategies: dict[str, Strategy] = {}
        self._owners: dict[int, tuple[str, ...]] = {}
        self.reload()

    def reload(self) -> bool:
        """Read the store again; True when it says something new."""
        before = self._strategies
        self._take(strategies_of(self._store.read()))
        return self._strategies != before

    def is_active(self, con_id: int) -> bool:
        """Return whether any active strategy owns the contract; an in-memory look-up."""
        return con_id in self._owners

    def owners(self, con_id: int) -> tuple[str, ...]:
        """Name the strategies that own a contract, most important first."""
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
        legs = checked_legs(name, con_ids, priority)
        own = {c: quantity for c, quantity in (quantities or {}).items() if c in legs}
        strategy = Strategy(
            name=name, con_ids=legs, priority=priority, activated_at=now, quantities=own
        )
        event_id = secrets.token_hex(8)
        self._store.append(
            [
                RegistryRow(event_id, "activated", name, con_id, priority, now, own.get(con_id))
                for con_id in legs
            ]
        )
        self._take({**self._strategies, name: strategy})
        return strategy

    def close(self, name: str, now: datetime) -> Strategy:
        """End a strategy; its contracts stay active where another strategy holds them.

        Raises UnknownStrategyError.
        """
        strategy = self.get(name)
        self._store.append([RegistryRow(secrets.token_hex(8), "closed", name, None, None, now)])
        self._take({key: value for key, value in self._strategies.items() if key != name})
        return strategy

    def _take(self, strategies: dict[str, Strategy]) -> None:
        owners: dict[int, list[str]] = {}
        for strategy in sorted(strategies.values(), key=_importance):
            for con_id in strategy.con_ids:
                owners.setdefault(con_id, []).append(strategy.name)
        self._strategies = strategies
        self._owners = {con_id: tuple(names) for con_id, names in owners.items()}


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


def strategies_of(rows: Iterable[RegistryRow]) -> dict[str, Strategy]:
    """Fold registry rows, oldest first, into the strategies that are active."""
    active: dict[str, Strategy] = {}
    events: dict[str, str] = {}
    for row in rows:
        if row.event == "closed" or row.con_id is None:
            active.pop(row.strategy, None)
            continue
        known = active.get(row.strategy)
        same_event = known is not None and events.get(row.strategy) == row.event_id
        before = known.con_ids if known is not None and same_event else ()
        legs = tuple(sorted({*before, row.con_id}))
        own = dict(known.quantities) if known is not None and same_event else {}
        if row.quantity is not None:
            own[row.con_id] = row.quantity
        events[row.strategy] = row.event_id
        active[row.strategy] = Strategy(
            name=row.strategy,
            con_ids=legs,
            priority=row.priority or DEFAULT_PRIORITY,
            activated_at=row.at,
            quantities=own,
        )
    return active


def _importance(strategy: Strategy) -> tuple[int, str]:
    return strategy.priority, strategy.name
