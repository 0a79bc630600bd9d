"""`slotwise strategies apply`: the strategies of a file, after their changes were shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from slotwise.errors import InputError
from slotwise.lake.registry_store import open_registry
from slotwise.leg import Leg, read_leg
from slotwise.legs_meant import all_meant
from slotwise.settings import settings
from slotwise.strategy_plan import Change, plan, read_declared
from tasks.strategies import activate_strategy, close_strategy
from workers.commands.legs import meanings_of


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
) -> None:
    """Make the strategies of a file active, after showing what that changes.

    Example: slotwise strategies apply strategies.json --prune --dry-run
    """
    changes = plan(
        open_registry(settings().lake_path).strategies(), _declared_in(file), prune=prune
    )
    if as_json:
        sys.stdout.write(msgspec.json.encode(changes).decode() + "\n")
    else:
        for change in changes:
            sys.stdout.write(told(change) + "\n")
        if not changes:
            sys.stdout.write("nothing changes\n")
    if not changes or dry_run:
        return
    if not yes and (as_json or not typer.confirm("do this?")):
        return
    for change in changes:
        if change.what == "close":
            close_strategy(settings(), change.name)
        else:
            activate_strategy(settings(), change.name, change.con_ids, change.priority)
    if not as_json:
        sys.stdout.write(f"done: {len(changes)}\n")


def told(change: Change) -> str:
    """Say a change in one line: + what comes, - what goes."""
    if change.what == "close":
        return f"- {change.name}: closed, {len(change.removed)} contracts"
    if change.what == "activate":
        ids = " ".join(f"+{con_id}" for con_id in change.added)
        return f"+ {change.name}: priority {change.priority}, {ids}"
    parts = [f"+{con_id}" for con_id in change.added] + [f"-{con_id}" for con_id in change.removed]
    if change.before != change.priority:
        parts.insert(0, f"priority {change.before} -> {change.priority}")
    return f"~ {change.name}: {' '.join(parts)}"


def _declared_in(file: Path) -> dict[str, tuple[tuple[int, ...], int]]:
    try:
        declared = read_declared(file.read_bytes())
    except OSError as error:
        raise InputError(f"{str(file)!r} cannot be read: {error.strerror or error}") from error
    legs = {name: tuple(read_leg(str(leg)) for leg in one.legs) for name, one in declared.items()}
    ids = _ids_of({leg for of in legs.values() for leg in of})
    return {
        name: (tuple(ids[leg] for leg in legs[name]), one.priority)
        for name, one in declared.items()
    }


def _ids_of(legs: set[Leg]) -> dict[Leg, int]:
    ids = {leg: leg.con_id for leg in legs if leg.con_id}
    meanings = meanings_of(settings(), tuple(leg for leg in legs if not leg.con_id))
    contracts = all_meant(meanings)
    return ids | {
        meaning.leg: contract.con_id for meaning, contract in zip(meanings, contracts, strict=True)
    }
