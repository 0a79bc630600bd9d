"""`slotwise strategies apply`: the strategies of a file, after their changes were shown."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from slotwise.client.strategies import close_strategy, find_contracts, register_strategy
from slotwise.errors import InputError
from slotwise.formatting import counted
from slotwise.lake.registry_store import open_registry
from slotwise.leg import Leg
from slotwise.leg_quantity import quantities_of, quantity_words, read_shared_leg
from slotwise.rules.strategy_plan import Change, plan, read_declared
from slotwise.settings import settings
from workers.commands.legs import resolved
from workers.commands.output import say, say_json


def apply(
    file: Annotated[Path, typer.Argument(help="JSON: {NAME: {legs: [...], priority: 1}, ...}")],
    prune: Annotated[
        bool, typer.Option("--prune", help="Close strategies that the file does not name.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the changes as JSON; asks nothing, wants --yes.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Do not ask TWS for contracts named by their ids.")
    ] = False,
) -> None:
    """Make the strategies of a file active, after showing what that changes.

    A contract that is new in a strategy is looked up at TWS first: where it
    is not known, or has expired, nothing is changed.

    Example: slotwise strategies apply strategies.json --prune --dry-run
    """
    declared, checked, quantities = _read_declared(file)
    active = open_registry(settings().lake_path).strategies()
    changes = plan(active, declared, prune=prune, quantities=quantities)
    if as_json:
        say_json(changes)
    else:
        for change in changes:
            say(change_words(change))
        if not changes:
            say("nothing changes")
    if not changes or dry_run:
        return
    new = {con_id for change in changes for con_id in change.added} - checked
    if not force and new:
        find_contracts(settings(), tuple(Leg(con_id=con_id) for con_id in sorted(new)))
    if not yes and (as_json or not typer.confirm("do this?")):
        return
    for change in changes:
        if change.what == "close":
            close_strategy(settings(), change.name)
        else:
            register_strategy(
                settings(), change.name, change.con_ids, change.priority, change.quantities
            )
    if not as_json:
        say(f"done: {len(changes)}")


def change_words(change: Change) -> str:
    """Describe a change in one line: + what comes, - what goes."""
    if change.what == "close":
        return f"- {change.name}: closed, {counted(len(change.removed), 'contract')}"
    if change.what == "activate":
        ids = " ".join(f"+{quantity_words(c, change.quantities)}" for c in change.added)
        return f"+ {change.name}: priority {change.priority}, {ids}"
    parts = [f"+{quantity_words(con_id, change.quantities)}" for con_id in change.added]
    parts += [f"-{con_id}" for con_id in change.removed]
    parts += [
        f"{quantity_words(con_id, change.quantities)}"
        for con_id in change.con_ids
        if con_id not in change.added
        and change.quantities.get(con_id) != change.quantities_before.get(con_id)
    ]
    if change.before != change.priority:
        parts.insert(0, f"priority {change.before} -> {change.priority}")
    return f"~ {change.name}: {' '.join(parts)}"


def _read_declared(
    file: Path,
) -> tuple[dict[str, tuple[tuple[int, ...], int]], set[int], dict[str, dict[int, Decimal]]]:
    """Return the contracts and the priority of each strategy, and the contracts found at TWS.

    Beside them the quantities that are the strategies' own.
    """
    try:
        declared = read_declared(file.read_bytes())
    except OSError as error:
        raise InputError(f"{str(file)!r} cannot be read: {error.strerror or error}") from error
    legs = {
        name: tuple(read_shared_leg(str(leg)) for leg in one.legs) for name, one in declared.items()
    }
    # Ids are looked up where they are new: a plan without changes needs no TWS.
    found = resolved(settings(), (one.leg for of in legs.values() for one in of), force=True)
    ids = {
        name: (tuple(found[shared.leg][0] for shared in legs[name]), one.priority)
        for name, one in declared.items()
    }
    quantities = {
        name: quantities_of((found[shared.leg][0], shared.quantity) for shared in of)
        for name, of in legs.items()
    }
    return ids, {con_id for con_id, contract in found.values() if contract is not None}, quantities
