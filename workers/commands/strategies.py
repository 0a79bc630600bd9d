"""`slotwise strategies`: activate, close, apply, list, show."""

from __future__ import annotations

from typing import Annotated

import typer

from slotwise.client.strategies import close_strategy, register_strategy
from slotwise.lake.registry_store import open_registry
from slotwise.leg_quantity import quantities_of, quantity_words
from slotwise.rules.leg_resolution import described
from slotwise.settings import settings
from slotwise.strategy import DEFAULT_PRIORITY
from workers.commands.common import AsJson
from workers.commands.legs import legs_of, resolved
from workers.commands.output import PlainTable, console, say, say_json
from workers.commands.strategy_apply import apply
from workers.commands.strategy_show import show

strategies = typer.Typer(help="Say which contracts deserve a line.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The strategy's name.")]


@strategies.command("activate")
def activate(
    name: Name,
    legs: Annotated[
        str,
        typer.Option(
            help="Contract ids, words such as 'SPY 20261218 P 560', or a file of them; 'x -2'"
            " behind one is the strategy's own quantity."
        ),
    ],
    priority: Annotated[int, typer.Option(help="1 is the highest.")] = DEFAULT_PRIORITY,
    force: Annotated[
        bool, typer.Option("--force", help="Do not ask TWS for contracts named by their ids.")
    ] = False,
) -> None:
    """Give a strategy's contracts lines, at once.

    Legs are separated by commas, and looked up at TWS: one that it does not
    know, or that has expired, is refused. Words that may mean several
    contracts are answered with their ids.

    A leg such as "761 x -2" says how much of the contract is this strategy's:
    its profit and greeks are those of its own quantity, and what is held
    beyond all strategies' quantities is unassigned.

    Example: slotwise strategies activate puts --legs "SPY 20261218 P 560 x -2, 761" --priority 1
    """
    shared = legs_of(legs)
    found = resolved(settings(), (one.leg for one in shared), force=force)
    quantities = quantities_of((found[one.leg][0], one.quantity) for one in shared)
    ids = [con_id for con_id, _ in found.values()]
    strategy = register_strategy(settings(), name, ids, priority, quantities)
    for leg, (con_id, contract) in found.items():
        if contract is not None and not leg.con_id:
            say(f"{con_id}  {described(contract)}")
    say(f"{strategy.name}: {len(strategy.con_ids)} contracts active")


@strategies.command("close")
def close(name: Name) -> None:
    """Take a strategy's lines back; contracts of other strategies keep theirs.

    Example: slotwise strategies close spy-put
    """
    strategy = close_strategy(settings(), name)
    say(f"{strategy.name}: closed")


@strategies.command("list")
def list_strategies(as_json: AsJson = False) -> None:
    """Show the active strategies, most important first.

    Example: slotwise strategies list --json
    """
    active = open_registry(settings().lake_path).strategies()
    if as_json:
        say_json(active)
        return
    table = PlainTable("strategy", "priority", "contracts", "active since (UTC)")
    for strategy in active:
        table.add_row(
            strategy.name,
            str(strategy.priority),
            ", ".join(quantity_words(con_id, strategy.quantities) for con_id in strategy.con_ids),
            f"{strategy.activated_at:%Y-%m-%d %H:%M:%S}",
        )
    console().print(table)


strategies.command("apply")(apply)
strategies.command("show")(show)
