"""Strategies of the past: which contracts were active at a moment, and in which strategies."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from slotwise.lake.queries import registry_rows
from slotwise.lake.store import Lake
from slotwise.registry import strategies_of
from slotwise.strategy import Strategy


def strategies_as_of(lake: Lake, at: datetime) -> dict[int, tuple[str, ...]]:
    """Return the strategies of each active contract, the most important first; raises LakeError."""
    owners: dict[int, list[str]] = {}
    for strategy in _active(lake, at):
        for con_id in strategy.con_ids:
            owners.setdefault(con_id, []).append(strategy.name)
    return {con_id: tuple(names) for con_id, names in owners.items()}


def quantities_as_of(lake: Lake, at: datetime) -> dict[int, dict[str, Decimal]]:
    """Return how much of each contract is whose, by the strategies that say so."""
    found: dict[int, dict[str, Decimal]] = {}
    for strategy in _active(lake, at):
        for con_id, quantity in strategy.quantities.items():
            found.setdefault(con_id, {})[strategy.name] = quantity
    return found


def _active(lake: Lake, at: datetime) -> list[Strategy]:
    active = strategies_of(row for row in registry_rows(lake) if row.at <= at)
    return sorted(active.values(), key=lambda one: (one.priority, one.name))
