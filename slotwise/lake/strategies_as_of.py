"""Strategies of the past: which contracts were active at a moment, and in which strategies."""

from __future__ import annotations

from datetime import datetime

from slotwise.lake.queries import registry_rows
from slotwise.lake.store import Lake
from slotwise.registry import strategies_of


def strategies_as_of(lake: Lake, at: datetime) -> dict[int, tuple[str, ...]]:
    """Return the strategies of each active contract, the most important first; raises LakeError."""
    active = strategies_of(row for row in registry_rows(lake) if row.at <= at)
    owners: dict[int, list[str]] = {}
    for strategy in sorted(active.values(), key=lambda one: (one.priority, one.name)):
        for con_id in strategy.con_ids:
            owners.setdefault(con_id, []).append(strategy.name)
    return {con_id: tuple(names) for con_id, names in owners.items()}
