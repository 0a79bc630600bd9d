"""Commands about connections: to the clients, and to IB's servers.

notice   code: 1100, 1101, 1102, 2103, 2104 or 2110, told to all clients, and what it means:
         1100 and 2110 stop all market data, 1102 lets it go on, 1101 ends it, as TWS then has
         lost it; 2103 stops what comes from a farm, 2104 lets it go on;
         farm (usfarm, usopt or usfuture; default usfarm); dead (default 0): with 2104, so many
         of the farm's lines never tick again
drop     cut all connections
refuse   seconds: cut all connections and accept none for so long
status   answer lines held, limit, clients, positions
"""

from __future__ import annotations

from collections.abc import Mapping

from workers.simulator.control.arguments import Arguments
from workers.simulator.control.command import Answer, Command, Shell
from workers.simulator.desks.outages import FARMS
from workers.simulator.errors import ControlError
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.world import World

#: Longest time that connections are refused, seconds: a day.
MAX_REFUSE_S = 86_400

#: Notices that TWS sends by itself.
NOTICES = {
    ErrorCode.CONNECTIVITY_LOST: (
        "Connectivity between IBKR and Trader Workstation has been lost."
    ),
    ErrorCode.RESTORED_DATA_LOST: (
        "Connectivity between IBKR and Trader Workstation has been restored - data lost."
    ),
    ErrorCode.RESTORED_DATA_KEPT: (
        "Connectivity between IBKR and Trader Workstation has been restored - data maintained."
    ),
    ErrorCode.MARKET_FARM_BROKEN: "Market data farm connection is broken:{farm}",
    ErrorCode.MARKET_FARM_OK: "Market data farm connection is OK:{farm}",
    ErrorCode.SERVER_BROKEN: (
        "Connectivity between Trader Workstation and server is broken. "
        "It will be restored automatically."
    ),
}


def _notice(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    code = arguments.integer("code")
    text = next((text for known, text in NOTICES.items() if known == code), None)
    if text is None:
        raise ControlError(f"code must be one of {', '.join(str(int(c)) for c in NOTICES)}")
    farm = arguments.text("farm", "usfarm")
    if farm not in FARMS.values():
        raise ControlError(f"farm must be one of {', '.join(dict.fromkeys(FARMS.values()))}")
    dead = arguments.integer("dead", 0)
    if dead and code != ErrorCode.MARKET_FARM_OK:
        raise ControlError("dead goes with code 2104 alone")
    for client in world.clients.values():
        client.notice(code, text.format(farm=farm), now)
    world.note(code, farm, now, dead)
    return {"clients": len(world.clients)}


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
    "notice": _notice,
    "drop": _drop,
    "refuse": _refuse,
    "status": _status,
}
