"""`slotwise strategies`: activate, close, apply, list, show."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

import typer

from slotwise.client.strategies import close_strategy, register_strategy
from slotwise.contract import Contract
from slotwise.formatting import counted
from slotwise.lake.registry_store import open_registry
from slotwise.leg import Leg
from slotwise.leg_quantity import quantities_of, quantity_words
from slotwise.rules.leg_resolution import described
from slotwise.settings import settings
from slotwise.strategy import DEFAULT_PRIORITY, Strategy
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
    """Stream a strategy's contracts, at once.

    Legs are separated by commas, and looked up at TWS: one that it does not
    know, or that has expired, is refused. Words that may mean several
    contracts are answered with their ids.

    A leg such as "761 x -2" says how much of the contract is this strategy's:
    its profit and greeks are those of its own quantity, and what is held
    beyond all strategies' quantities is unassigned.

    A strategy of this name that is active already is replaced as a whole: its
    contracts, quantities and priority.

    Example: slotwise strategies activate puts --legs "SPY 20261218 P 560 x -2, 761" --priority 1
    """
    shared = legs_of(legs)
    found = resolved(settings(), (one.leg for one in shared), force=force)
    quantities = quantities_of((found[one.leg][0], one.quantity) for one in shared)
    ids = [con_id for con_id, _ in found.values()]
    active = open_registry(settings().lake_path).strategies()
    before = next((one for one in active if one.name == name), None)
    strategy = register_strategy(settings(), name, ids, priority, quantities)
    for text in _leg_words(found, quantities):
        say(text)
    say(_activation_words(strategy, before))


def _leg_words(
    found: Mapping[Leg, tuple[int, Contract | None]], quantities: Mapping[int, Decimal]
) -> list[str]:
    """Return a line for each contract that was named in words or has a quantity."""
    lines: dict[int, str] = {}
    for leg, (con_id, contract) in found.items():
        own = quantities.get(con_id)
        if own is None and (contract is None or leg.con_id):
            continue
        named = f"{con_id}  {described(contract)}" if contract is not None else str(con_id)
        lines[con_id] = named if own is None else f"{named}, quantity {own.normalize():f}"
    return list(lines.values())


def _activation_words(strategy: Strategy, before: Strategy | None) -> str:
    """Return what is active now, and what that replaced where contracts or quantities changed."""
    words = f"{strategy.name}: {counted(len(strategy.con_ids), 'contract')} active"
    own = strategy.con_ids, dict(strategy.quantities)
    if before is None or own == (before.con_ids, dict(before.quantities)):
        return words
    return f"{words}, in place of {counted(len(before.con_ids), 'contract')} before"


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
    # Other commands take the whole name, so contracts give way before it does.
    for column in (table.columns[0], table.columns[3]):
        column.no_wrap, column.overflow = True, "fold"
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
