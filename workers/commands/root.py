"""All commands under one name, each imported when it is asked for.

A command's module brings its libraries along, all of them together a second of imports. Where
the first word names a command, only that one is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

import typer

from slotwise.logs import configure_logging

#: Where each command is, in the order of the help page; a Typer there is a group of commands.
COMMANDS = {
    "demo": "workers.commands.demo",
    "up": "workers.commands.up",
    "gateway": "workers.gateway.command",
    "worker": "workers.commands.celery",
    "beat": "workers.commands.celery",
    "flower": "workers.commands.celery",
    "simulator": "workers.simulator.command",
    "reconcile": "workers.commands.reconcile",
    "top": "workers.commands.top",
    "status": "workers.commands.top",
    "doctor": "workers.commands.doctor",
    "lake": "workers.commands.lake",
    "report": "workers.commands.report",
    "positions": "workers.commands.positions",
    "history": "workers.commands.positions",
    "bench": "workers.commands.bench",
    "lines": "workers.commands.lines",
    "why": "workers.commands.lines",
    "strategies": "workers.commands.strategies",
    "queue": "workers.commands.queue",
    "silence": "workers.commands.silence",
}


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Make the command line with these commands, by default with all."""
    app = typer.Typer(
        name="slotwise",
        help="Stream the Interactive Brokers contracts that matter, poll the rest, land both.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_log_to_standard_error)
    for name in names:
        command = getattr(import_module(COMMANDS[name]), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def command_line_for(words: list[str]) -> typer.Typer:
    """Make what these words of a command line need."""
    return command_line(words[:1] if words and words[0] in COMMANDS else COMMANDS)


def _log_to_standard_error() -> None:
    """Keep standard output for what was asked for."""
    configure_logging()
