"""`slotwise top` and `slotwise status`: how the whole system stands, live or once."""

from __future__ import annotations

import logging

import typer

from slotwise.errors import InputError
from slotwise.settings import settings
from workers.commands.common import AsJson
from workers.commands.look_once import look_once
from workers.commands.output import console, say_json
from workers.screen.collect import watching
from workers.screen.data import as_data
from workers.screen.draw import draw
from workers.screen.keys import ended_by
from workers.screen.live import show
from workers.screen.verdict import verdict_of
from workers.stack.interrupt import until_interrupted


def top() -> None:
    """Show lines, queue, workers, landings, breaks and connection, live, until Ctrl-C or q.

    It changes nothing and may be left open all day; where Redis goes away it
    says so and goes on trying. A terminal of 80 x 24 is enough, a larger one
    shows more.

    Example: slotwise top
    """
    out = console()
    if not out.is_terminal:
        raise InputError("top needs a terminal: slotwise status prints the same once")
    # What a client library has to say of a Redis that is away would be written over the screen.
    logging.disable(logging.CRITICAL)
    with (
        until_interrupted() as interrupted,
        watching(settings()) as look,
        ended_by(b"q") as ended,
    ):
        show(look, out, ended, interrupted)


def status(
    as_json: AsJson = False,
) -> None:
    """Print once what top shows: lines, queue, workers, landings, breaks and connection.

    The first line is the verdict: all well, or the first cause and what
    follows from it. Exit status: 0 well, 1 something is wrong, 2 cannot tell.

    Example: slotwise status --json
    """
    screen = look_once()
    if as_json:
        say_json(as_data(screen))
    else:
        out = console()
        verdict = verdict_of(screen)
        out.print(verdict.sentence)
        if verdict.advice:
            out.print(verdict.advice)
        out.print(draw(screen, out.width, with_verdict=False))
    raise typer.Exit(verdict_of(screen).exit_status)
