"""`slotwise top` and `slotwise status`: how the whole system stands, live or once."""

from __future__ import annotations

import logging

import typer

from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.client.live import LiveHoldings
from slotwise.errors import InputError, SlotwiseError
from slotwise.lake.store import Lake
from slotwise.parse_time import read_zone
from slotwise.settings import settings
from workers.commands.accounts import WholeAccounts, shown_accounts
from workers.commands.common import AsJson, open_bus
from workers.commands.lines import ask_why, why_lines
from workers.commands.look_once import look_once
from workers.commands.output import console, say_json
from workers.commands.selecting import Zone, zone_name
from workers.screen.collect import watching
from workers.screen.data import as_data
from workers.screen.draw import draw
from workers.screen.verdict import verdict_of


def top(whole_accounts: WholeAccounts = False, zone: Zone = None) -> None:
    """Show portfolio, lines, queue and landings, live, until q or Ctrl-C.

    Keys: arrows and pages move, 1 to 5 or Tab choose a tab, s sorts by the
    next column (r: the other way), / filters, Enter says why a contract has
    a line or none.

    It changes nothing and may be left open all day; where Redis goes away it
    says so, prices grow old, and it goes on trying. A terminal of 80 x 24 is
    enough, a larger one shows more.

    Example: slotwise top
    """
    out = console()
    if not out.is_terminal:
        raise InputError("top needs a terminal: slotwise status prints the same once")
    # What a client library has to say of a Redis that is away would be written over the screen.
    logging.disable(logging.CRITICAL)
    # Imported here: the library of the screen takes a third of a second.
    from workers.top.app import Source, TopApp
    from workers.top.holdings_reader import read_in_thread

    config, zone_of_times = settings(), read_zone(zone_name(zone))
    bus = Bus(config.redis_url, config.key_prefix, COMMAND_TIMEOUT_S)
    held = read_in_thread(LiveHoldings(bus, Lake(config.lake_path)).read)
    try:
        with watching(config) as look:
            source = Source(
                screen=look,
                held=held.get,
                ask_why=_why,
                names=lambda accounts: shown_accounts(accounts, whole_accounts),
                zone=zone_of_times,
            )
            TopApp(source).run()
    finally:
        held.close()
        held.join()
        bus.close()


def _why(con_id: int) -> list[str]:
    """Return why a contract has a line or none, or why that is not known."""
    try:
        with open_bus() as bus:
            return why_lines(ask_why(con_id, bus), StatusBoard(bus).get(GatewayStatus))
    except SlotwiseError as error:
        return [f"slotwise: {error}"]


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
        out.print(draw(screen, out.width))
    raise typer.Exit(verdict_of(screen).exit_status)
