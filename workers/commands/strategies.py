"""`slotwise strategies`: activate, close, list."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.errors import InputError
from slotwise.lake.registry_store import open_registry
from slotwise.settings import settings
from slotwise.strategy import DEFAULT_PRIORITY
from tasks.strategies import activate_strategy, close_strategy

strategies = typer.Typer(help="Say which contracts deserve a line.", no_args_is_help=True)


@strategies.command("activate")
def activate(
    name: Annotated[str, typer.Argument(help="The strategy's name.")],
    legs: Annotated[str, typer.Option(help="Contract ids, comma separated.")],
    priority: Annotated[int, typer.Option(help="1 is the highest.")] = DEFAULT_PRIORITY,
) -> None:
    """Give a strategy's contracts lines, at once.

    Example: slotwise strategies activate condor-spy --legs 761,762,763,764 --priority 1
    """
    strategy = activate_strategy(settings(), name, contract_ids(legs), priority)
    sys.stdout.write(f"{strategy.name}: {len(strategy.con_ids)} contracts active\n")


@strategies.command("close")
def close(name: Annotated[str, typer.Argument(help="The strategy's name.")]) -> None:
    """Take a strategy's lines back; contracts of other strategies keep theirs.

    Example: slotwise strategies close condor-spy
    """
    strategy = close_strategy(settings(), name)
    sys.stdout.write(f"{strategy.name}: closed\n")


@strategies.command("list")
def list_strategies(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the active strategies, most important first.

    Example: slotwise strategies list --json
    """
    active = open_registry(settings().lake_path).strategies()
    if as_json:
        sys.stdout.write(msgspec.json.encode(active).decode() + "\n")
        return
    table = Table()
    for column in ("strategy", "priority", "contracts", "active since (UTC)"):
        table.add_column(column)
    for strategy in active:
        table.add_row(
            strategy.name,
            str(strategy.priority),
            ", ".join(map(str, strategy.con_ids)),
            f"{strategy.activated_at:%Y-%m-%d %H:%M:%S}",
        )
    Console().print(table)


def contract_ids(text: str) -> list[int]:
    """Read contract ids, comma separated; raises InputError for one that is no number."""
    ids = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if not part.isdecimal():
            raise InputError(f"contract id {part!r} is no number")
        ids.append(int(part))
    return ids
