"""The command line: `slotwise ...`."""

from __future__ import annotations

import sys

import typer

from slotwise.errors import SlotwiseError
from workers.commands.demo import demo
from workers.commands.reconcile import reconcile
from workers.commands.strategies import strategies
from workers.commands.up import up
from workers.gateway.command import gateway
from workers.simulator.command import simulator

app = typer.Typer(
    name="slotwise",
    help="Stream the Interactive Brokers contracts that matter, poll the rest, land both.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo)
app.command("up")(up)
app.command("gateway")(gateway)
app.command("simulator")(simulator)
app.command("reconcile")(reconcile)
app.add_typer(strategies, name="strategies")

#: Exit status of a command that could not do what it was asked.
FAILED = 1


def main() -> None:
    """Run the command line; an error of ours is one line on standard error."""
    try:
        app()
    except SlotwiseError as error:
        sys.stderr.write(f"slotwise: {error}\n")
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
