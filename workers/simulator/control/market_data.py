"""Commands about lines, and about which market data is to be had.

limit        lines: the line limit from now on; lines that are held stay
deny_data    con_id, code: 354, 10089 or 10168 for whoever asks for live data of it from now on;
             delayed (1 or 0; default 0 for 354, else 1): whether types 3 and 4 get delayed data
grant_data   con_id: give its data again
competing    on (1 or 0): 10197 for all market data requests, open or new; open ones stop ticking
             until it is off
halt         con_id: it trades no more, "halted" is 1
resume       con_id: it trades again
dead         con_id, on (default 1, or 0): its lines are held and never tick
"""

from __future__ import annotations

from collections.abc import Mapping

from workers.simulator.control.arguments import Arguments
from workers.simulator.control.command import Answer, Command, Shell
from workers.simulator.desks.entitlements import LEAVES_DELAYED
from workers.simulator.errors import ControlError
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.world import World

#: Reasons a contract's data can be denied with.
DENIALS = (
    ErrorCode.NOT_SUBSCRIBED,
    ErrorCode.SUBSCRIPTION_FOR_API,
    ErrorCode.DELAYED_NOT_ENABLED,
)


def _limit(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.lines.limit = arguments.integer("lines")
    return {"held": world.lines.held}


def _deny_data(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    code = arguments.integer("code")
    if code not in DENIALS:
        raise ControlError(f"code must be one of {', '.join(str(int(c)) for c in DENIALS)}")
    con_id = arguments.integer("con_id")
    delayed = arguments.integer("delayed", int(code in LEAVES_DELAYED)) != 0
    world.market_data.entitlements.deny(con_id, ErrorCode(code), delayed=delayed)
    return {}


def _grant_data(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.market_data.entitlements.grant(arguments.integer("con_id"))
    return {}


def _competing(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.market_data.compete(on=bool(arguments.integer("on")), now=now)
    return {}


def _halt(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.market_data.halts.halt(_known(world, arguments), now)
    return {}


def _resume(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.market_data.halts.resume(_known(world, arguments))
    return {}


def _dead(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    dead = bool(arguments.integer("on", 1))
    world.market_data.outages.kill(_known(world, arguments), dead=dead)
    world.market_data.review(now)
    return {}


def _known(world: World, arguments: Arguments) -> int:
    con_id = arguments.integer("con_id")
    if world.universe.get(con_id) is None:
        raise ControlError(f"there is no contract {con_id}")
    return con_id


#: By name.
MARKET_DATA: Mapping[str, Command] = {
    "limit": _limit,
    "deny_data": _deny_data,
    "grant_data": _grant_data,
    "competing": _competing,
    "halt": _halt,
    "resume": _resume,
    "dead": _dead,
}
