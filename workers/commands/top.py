"""`slotwise top` and `slotwise status`: how the whole system stands, live or once."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from slotwise.errors import InputError, SlotwiseError
from slotwise.settings import settings
from workers.screen.data import as_data
from workers.screen.draw import draw
from workers.screen.gathering import gather, watching
from workers.screen.keys import ended_by
from workers.screen.live import show
from workers.screen.verdict import EXIT, standing_of
from workers.stack.interrupt import until_interrupted


def top() -> None:
    """Show lines, queue, workers, landings, breaks and connection, live, until Ctrl-C or q.

    It changes nothing and may be left open all day; where Redis goes away it
    says so and goes on trying. A terminal of 80 x 24 is enough, a larger one
    shows more.

    Example: slotwise top
    """
    console = Console()
    if not console.is_terminal:
        raise InputError("top needs a terminal: slotwise status prints the same once")
    # What a client library has to say of a Redis that is away would be written over the screen.
    logging.disable(logging.CRITICAL)
    with (
        until_interrupted() as interrupted,
        watching(settings()) as look,
        ended_by(b"q") as ended,
    ):
        show(look, console, ended, interrupted)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print once what top shows: lines, queue, workers, landings, breaks and connection.

    Exit status: 0 all is well, 1 something is wrong, 2 cannot tell: Redis or
    the lake says nothing, and nothing else is known to be wrong.

    Example: slotwise status --json
    """
    try:
        screen = gather(settings())
    except SlotwiseError as error:
        sys.stderr.write(f"slotwise: {error}\n")
        raise typer.Exit(EXIT["unknown"]) from error
    if as_json:
        sys.stdout.write(msgspec.json.encode(as_data(screen)).decode() + "\n")
    else:
        console = Console()
        console.print(draw(screen, console.width))
    raise typer.Exit(EXIT[standing_of(screen)])
