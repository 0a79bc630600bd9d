"""A declared set of strategies, and what has to change so that exactly these are active."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from slotwise.errors import InputError
from slotwise.strategy import DEFAULT_PRIORITY, Strategy

What: TypeAlias = Literal["activate", "change", "close"]


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Declare one strategy: its legs, each an id or a description, and its priority."""

    legs: tuple[int | str, ...]
    priority: int = DEFAULT_PRIORITY


class Change(msgspec.Struct, frozen=True):
    """Hold one change: `added` and `removed` contracts, and the priority before and after."""

    what: What
    name: str
    con_ids: tuple[int, ...]
    added: tuple[int, ...]
    removed: tuple[int, ...]
    priority: int
    before: int | None = None
    #: How much of contracts is the strategy's own, before and after.
    quantities: Mapping[int, Decimal] = {}
    quantities_before: Mapping[int, Decimal] = {}


def read_declared(data: bytes) -> dict[str, Declared]:
    """Read `{"NAME": {"legs": [761, "SPY 20261218 P 560 x -2"], "priority": 1}, ...}`.

    Raises InputError that names the strategy that is wrong.
    """
    where = ""
    try:
        found = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        declared = {}
        for name, one in found.items():
            where = f" strategy {name!r}:"
            declared[name] = msgspec.json.decode(one, type=Declared)
    except msgspec.MsgspecError as error:
        raise InputError(
            f"strategies are declared as {{NAME: {{legs: [...], priority: 1}}}}:{where} {error}"
        ) from error
    return declared


def plan(
    active: Iterable[Strategy],
    declared: Mapping[str, tuple[Sequence[int], int]],
    *,
    prune: bool = False,
    quantities: Mapping[str, Mapping[int, Decimal]] | None = None,
) -> tuple[Change, ...]:
    """Compare what is active with what is declared: contracts, priority, quantities of each name.

    What is not declared stays, unless `prune`. Closings come first, since they give lines back;
    then the most important. A plan that was carried out leaves nothing to do.
    """
    now = {strategy.name: strategy for strategy in active}
    changes = [
        Change("close", name, (), (), strategy.con_ids, strategy.priority, strategy.priority)
        for name, strategy in sorted(now.items())
        if prune and name not in declared
    ]
    for name, (con_ids, priority) in sorted(declared.items(), key=lambda one: (one[1][1], one[0])):
        legs = tuple(sorted(set(con_ids)))
        before, own = now.get(name), dict((quantities or {}).get(name, {}))
        if before is None:
            changes.append(Change("activate", name, legs, legs, (), priority, None, own))
        elif (before.con_ids, before.priority, dict(before.quantities)) != (legs, priority, own):
            added = tuple(con_id for con_id in legs if con_id not in before.con_ids)
            removed = tuple(con_id for con_id in before.con_ids if con_id not in legs)
            changes.append(
                Change(
                    "change", name, legs, added, removed, priority, before.priority,
                    own, before.quantities,
                )
            )  # fmt: skip
    return tuple(changes)
