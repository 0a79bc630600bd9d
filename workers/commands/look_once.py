"""One look at the whole system, for `status` and `doctor`."""

from __future__ import annotations

import sys

import typer

from slotwise.errors import SlotwiseError
from slotwise.settings import settings
from workers.commands.exit_status import CANNOT_KNOW
from workers.commands.output import say
from workers.screen.collect import gather
from workers.screen.facts import Screen


def look_once() -> Screen:
    """Look at everything once; where settings do not allow that, end with one line and status 2."""
    try:
        return gather(settings())
    except SlotwiseError as error:
        say(f"slotwise: {error}", sys.stderr)
        raise typer.Exit(CANNOT_KNOW) from error
