"""Commands about lines, and about which market data is to be had.

limit        lines: the line limit from now on; lines that are held stay
deny_data    con_id, code: 354, 10089 or 10168 for whoever asks for it from now on
grant_data   con_id: give its data again
competing    on (1 or 0): 10197 for all new market data requests
"""

from __future__ import annotations

from collections.abc import Mapping

from workers.simulator.control.arguments import Arguments
from workers.simulator.control.command import Answer, Command, Shell
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
    world.market_data.entitlements.deny(arguments.integer("con_id"), ErrorCode(code))
    return {}


def _grant_data(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.market_data.entitlements.grant(arguments.integer("con_id"))
    return {}


def _competing(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.market_data.entitlements.competing = bool(arguments.integer("on"))
    return {}


#: By name.
MARKET_DATA: Mapping[str, Command] = {
    "limit": _limit,
    "deny_data": _deny_data,
    "grant_data": _grant_data,
    "competing": _competing,
}
