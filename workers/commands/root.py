"""All commands under one name, each imported when it is asked for.

A command's module brings its libraries along, all of them together a second of imports. Where
the first word names a command, only that one is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from slotwise.logs import configure_logging
from workers.commands.help_page import with_plain_flags
from workers.commands.output import say

#: Where each command is, in the order of the help page; a Typer there is a group of commands.
COMMANDS = {
    "demo": "workers.commands.demo",
    "up": "workers.commands.up",
    "gateway": "workers.gateway.command",
    "worker": "workers.commands.celery",
    "beat": "workers.commands.celery",
    "flower": "workers.commands.celery",
    "web": "workers.commands.web",
    "handle": "workers.commands.handle",
    "monitor": "workers.commands.monitor",
    "simulator": "workers.commands.simulator",
    "reconcile": "workers.commands.reconcile",
    "top": "workers.commands.top",
    "status": "workers.commands.top",
    "doctor": "workers.commands.doctor",
    "lake": "workers.commands.lake",
    "report": "workers.commands.report",
    "portfolio": "workers.commands.portfolio",
    "positions": "workers.commands.positions",
    "history": "workers.commands.history",
    "lines": "workers.commands.lines",
    "why": "workers.commands.lines",
    "strategies": "workers.commands.strategies",
    "queue": "workers.commands.queue",
    "silence": "workers.commands.silence",
    "wire": "workers.commands.wire",
    "probe": "workers.commands.probe",
}

#: Commands of earlier versions, which say what to run instead; no help page lists them.
FORMER = {"bench": "workers.commands.former"}


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Make the command line with these commands, by default with all."""
    app = typer.Typer(
        name="slotwise",
        help="Stream the Interactive Brokers contracts that matter, poll the rest, land both.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_begin)
    for name in names:
        module = import_module((COMMANDS | FORMER)[name])
        command = getattr(module, name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            context = getattr(module, "CONTEXT_SETTINGS", None)
            app.command(name, context_settings=context)(command)
    return with_plain_flags(app)


def command_line_for(words: list[str]) -> typer.Typer:
    """Make what these words of a command line need."""
    return command_line(words[:1] if words and words[0] in COMMANDS | FORMER else COMMANDS)


def _say_version(wanted: bool) -> None:
    """Print the version and end, where it is asked for."""
    if wanted:
        say(f"slotwise {version('slotwise')}")
        raise typer.Exit


def _begin(
    wants_version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_say_version, help="Print the version."),
    ] = False,
) -> None:
    """Keep standard output for what was asked for."""
    configure_logging()
