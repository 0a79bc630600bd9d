"""From a line to a command, and from its answer to a line. The modules of tables list them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from tws_simulator.control.answers import refusal
from tws_simulator.control.arguments import Arguments
from tws_simulator.control.book import BOOK
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.control.connection_refusals import DOORS
from tws_simulator.control.connections import CONNECTIONS
from tws_simulator.control.contracts import CONTRACTS
from tws_simulator.control.corporate import CORPORATE
from tws_simulator.control.faults import FAULTS
from tws_simulator.control.help import described
from tws_simulator.control.market_data import MARKET_DATA
from tws_simulator.control.notices import NOTICES
from tws_simulator.control.orders import ORDERS
from tws_simulator.control.polls import POLLS
from tws_simulator.control.readiness import READINESS
from tws_simulator.errors import ControlError
from tws_simulator.world import World

COMMANDS: Mapping[str, Command] = {
    **BOOK, **MARKET_DATA, **CONNECTIONS, **FAULTS, **CORPORATE, **ORDERS, **POLLS,
    **NOTICES, **READINESS, **DOORS, **CONTRACTS,
}  # fmt: skip

#: Lists the commands; it needs no world.
HELP = "help"


def names() -> tuple[str, ...]:
    """Return the commands."""
    return (*COMMANDS, HELP)


def dispatch(line: bytes, world: World, shell: Shell, now: float) -> bytes:
    """Run the command in a line; the answer is a line."""
    try:
        answer = {"ok": True, **_dispatch(line, world, shell, now)}
    except ControlError as error:
        return refusal(str(error))
    return json.dumps(answer).encode() + b"\n"


def _dispatch(line: bytes, world: World, shell: Shell, now: float) -> Answer:
    try:
        command = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ControlError(f"no JSON: {error}") from error
    if not isinstance(command, dict):
        raise ControlError("a command must be a JSON object")
    name = command.get("do")
    if name == HELP:
        return {"commands": described(COMMANDS)}
    do = COMMANDS.get(name) if isinstance(name, str) else None
    if do is None:
        raise ControlError(f'"do" must be one of {", ".join(names())}')
    world.expiries.catch_up(now)
    world.plans.catch_up(now)
    return do(world, shell, Arguments(command), now)
