"""`slotwise strategies`: activate, close, apply, list, show."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.lake.registry_store import open_registry
from slotwise.legs_meant import described
from slotwise.settings import settings
from slotwise.strategy import DEFAULT_PRIORITY
from tasks.strategies import activate_strategy, close_strategy
from workers.commands.legs import legs_of, resolved
from workers.commands.strategy_apply import apply
from workers.commands.strategy_show import show

strategies = typer.Typer(help="Say which contracts deserve a line.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="The strategy's name.")]


@strategies.command("activate")
def activate(
    name: Name,
    legs: Annotated[
        str,
        typer.Option(help="Contract ids, words such as 'SPY 20261218 P 560', or a file of them."),
    ],
    priority: Annotated[int, typer.Option(help="1 is the highest.")] = DEFAULT_PRIORITY,
) -> None:
    """Give a strategy's contracts lines, at once.

    Legs are separated by commas. What is described in words is looked up at TWS; where it may mean
    several contracts, they are named with their ids.

    Example: slotwise strategies activate spy-put --legs "SPY 20261218 P 560, 761" --priority 1
    """
    contracts = resolved(settings(), legs_of(legs))
    strategy = activate_strategy(settings(), name, contracts, priority)
    for con_id, contract in contracts.items():
        if contract is not None:
            sys.stdout.write(f"{con_id}  {described(contract)}\n")
    sys.stdout.write(f"{strategy.name}: {len(strategy.con_ids)} contracts active\n")


@strategies.command("close")
def close(name: Name) -> None:
    """Take a strategy's lines back; contracts of other strategies keep theirs.

    Example: slotwise strategies close spy-put
    """
    strategy = close_strategy(settings(), name)
    sys.stdout.write(f"{strategy.name}: closed\n")


@strategies.command("list")
def list_strategies(as_json: AsJson = False) -> None:
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


strategies.command("apply")(apply)
strategies.command("show")(show)
