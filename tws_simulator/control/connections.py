"""Commands about the connections of clients.

drop     cut all connections
refuse   seconds: cut all connections and accept none for so long
status   answer lines held, limit, clients, positions
"""

from __future__ import annotations

from collections.abc import Mapping

from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.errors import ControlError
from tws_simulator.world import World

#: Longest time that connections are refused, seconds: a day.
MAX_REFUSE_S = 86_400


def _drop(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    shell.drop_clients()
    return {}


def _refuse(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    seconds = arguments.decimal("seconds")
    if seconds is None or not 0 < seconds <= MAX_REFUSE_S:
        raise ControlError(f"seconds must be a number above 0 and up to {MAX_REFUSE_S}")
    shell.refuse_clients(float(seconds))
    return {}


def _status(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    return {
        "held": world.lines.held,
        "limit": world.lines.limit,
        "clients": sorted(world.clients),
        "positions": sum(1 for _ in world.accounts.positions()),
    }


#: By name.
CONNECTIONS: Mapping[str, Command] = {
    "drop": _drop,
    "refuse": _refuse,
    "status": _status,
}
