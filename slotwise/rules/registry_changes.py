"""Changes of strategies as they travel to a gateway: applied in memory, else read again. Pure.

The table `strategy_registry` is the record: a change is in it before it is sent, under a number
that is one more than that of the change before. A process that has all changes up to a number
needs no reading to follow the next one.

| change received | what is done |
|---|---|
| the one after the last one known, of the same lake | it is followed at once |
| one that is known | nothing: it was sent twice |
| another one under a known number: the lake went back to a backup | the table is read |
| any other: one in between was lost, or the lake is another | the table is read |

A reading that began before a change was followed may lack it, and is then not taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from slotwise.strategy import DEFAULT_PRIORITY, Strategy


class RegistryRow(msgspec.Struct, frozen=True):
    """Hold one row of table `strategy_registry`."""

    event_id: str
    event: Literal["activated", "closed"]
    strategy: str
    con_id: int | None
    priority: int | None
    at: datetime
    quantity: Decimal | None = None


class RegistryChange(msgspec.Struct, frozen=True):
    """Hold one change as it was recorded: the rows of one commit.

    `lake` is the identity of the lake, `number` the change's, `version` the table's behind it.
    """

    lake: str
    number: int
    version: int
    rows: tuple[RegistryRow, ...]


class RegistryState(msgspec.Struct, frozen=True):
    """Hold all changes up to a number, and the strategies that they leave active.

    The table has them at `version`, and maybe at later ones.
    """

    lake: str = ""
    number: int = 0
    version: int = -1
    rows: tuple[RegistryRow, ...] = ()
    strategies: Mapping[str, Strategy] = {}


class Reading(msgspec.Struct, frozen=True):
    """Hold what a reading of the table found, and what was known when it began."""

    began: RegistryState
    found: RegistryState


def registry_state(
    lake: str, number: int, version: int, rows: Sequence[RegistryRow]
) -> RegistryState:
    """Return the state that rows of the table, oldest first, lead to."""
    return RegistryState(lake, number, version, tuple(rows), strategies_of(rows))


def follow_change(known: RegistryState, change: RegistryChange) -> RegistryState | None:
    """Return what is known behind a received change; None where the table has to be read."""
    if change.lake != known.lake:
        return None
    if change.number <= known.number:
        events = {row.event_id for row in known.rows}
        return known if events.issuperset(row.event_id for row in change.rows) else None
    if change.number != known.number + 1:
        return None
    return RegistryState(
        known.lake,
        change.number,
        # Commits in between that are no change, of maintenance, are for the next reading to find.
        change.version if change.version == known.version + 1 else known.version,
        (*known.rows, *change.rows),
        strategies_of(change.rows, known.strategies),
    )


def settle_reading(reading: Reading, known: RegistryState) -> RegistryState:
    """Return what is known behind a reading, where `known` is what was known at its end.

    The table may have gone back, to a backup: then it counts, unless a change was followed
    while it was read: then the next reading finds it.
    """
    outrun = known is not reading.began and reading.found.number < known.number
    return known if outrun else reading.found


def strategies_of(
    rows: Iterable[RegistryRow], before: Mapping[str, Strategy] | None = None
) -> dict[str, Strategy]:
    """Return the active strategies by registry rows, oldest first.

    `before` is what was active before them; no change has rows on both sides.
    """
    active: dict[str, Strategy] = dict(before or {})
    events: dict[str, str] = {}
    for row in rows:
        if row.event == "closed" or row.con_id is None:
            active.pop(row.strategy, None)
            continue
        known = active.get(row.strategy)
        same_event = known is not None and events.get(row.strategy) == row.event_id
        legs = tuple(sorted({*(known.con_ids if known and same_event else ()), row.con_id}))
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
