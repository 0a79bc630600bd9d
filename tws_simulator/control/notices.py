"""Commands about TWS's unrequested notices, its link to IB and its farms.

notice    code: 1100, 1101, 1102, 2103 to 2108, 2110, 2119, 2157 or 2158, sent to all clients, and
          what it means: 1100 and 2110 stop all market data, 1102 lets it go on, 1101 ends it, as
          TWS then has lost it; 2103 stops what comes from a farm, 2104 lets it go on; 2105 and 2157
          stop answers of history and of definitions until 2106 and 2158;
          farm (any name; default usfarm, ushmds or secdefil); effect (default 1): with 0 the notice
          is sent and means nothing; dead (default 0): with 2104, this number of the farm's lines
          never tick again; text: another text than TWS's own
notices   list: such notices in their order, each a code, or a list of code and farm, or an object
          with code, farm, port (of 1300) and text; effect (default 0) for all of them
say       code, text, id (default -1, no request's), client_id (default all): an error of any
          code, and nothing else
greeting  list (as for notices): what each client is sent when it starts, instead of the usual four;
          first (default 0): before its accounts and order id; effect (default 0); back and seconds
          (as for outage): how it ends; count: number of clients (default all); on 0: as usual
outage    code (1100, 2110, or 0 to say nothing; default 1100): the link to IB is lost for
          seconds; back: how it returns: 1101, 1102 (default), farms (2104, 2106 and 2158, and no
          other word), ticks (without a word), none (never, by itself); dead 1: what was open is
          held afterwards and never ticks again
flap      farms (a list, or names with commas; default the usual ones) break and come back, by
          notices of their kind: seconds (default 3600) in all, a break each period (default 10)
          seconds, for down (default 2) seconds; real (default 0): with 1 its data stops meanwhile;
          seed; on 0 ends it
"""

from __future__ import annotations

from collections.abc import Mapping

from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.errors import ControlError
from tws_simulator.services.common.flapping import Schedule
from tws_simulator.services.common.notices import TEXTS, Notice, send_notice
from tws_simulator.services.common.recovery import KEPT, NONE, WAYS, WayBack
from tws_simulator.services.common.welcome import NOTICES as USUAL
from tws_simulator.services.common.welcome import Start
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.system_replies import NO_ID
from tws_simulator.world import World

#: Longest time a command may name, seconds: a day.
MAX_S = 86_400
#: Shortest time between two breaks of flapping farms, seconds.
MIN_PERIOD_S = 0.1
#: Longest name of a farm, and longest text, characters.
MAX_FARM, MAX_TEXT = 40, 1000
#: Farms that flap where a command names none.
FLAPPING_FARMS = (
    "usfarm",
    "usopt",
    "usfuture",
    "eufarm",
    "hfarm",
    "cashfarm",
    "ushmds",
    "secdefil",
)
#: Codes that an outage may begin with; 0 sends no notice.
OUTAGES = (0, ErrorCode.CONNECTIVITY_LOST, ErrorCode.SERVER_BROKEN)
#: Codes that other commands send.
_ELSEWHERE = frozenset((ErrorCode.PORT_RESET, ErrorCode.POSITIONS_NOT_READY))


def _notice(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    code = arguments.integer("code")
    if code in _ELSEWHERE:
        raise ControlError(f"code {code} is not sent by notice")
    notice = _read(
        {"code": code, "farm": arguments.text("farm", ""), "text": arguments.text("text", "")}
    )
    dead = arguments.integer("dead", 0)
    if dead and code != ErrorCode.MARKET_FARM_OK:
        raise ControlError("dead goes with code 2104 alone")
    world.announce(notice, now, arguments.flag("effect", 1), dead)
    return {"clients": len(world.clients)}


def _notices(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    notices = _list(arguments)
    effect = arguments.flag("effect")
    if not notices:
        raise ControlError("list must have a notice")
    for notice in notices:
        world.announce(notice, now, effect)
    return {"clients": len(world.clients)}


def _say(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    code, text = arguments.integer("code"), arguments.text("text", "")
    req_id = arguments.integer("id") if arguments.has("id") else NO_ID
    clients = list(world.clients.values())
    if arguments.has("client_id"):
        client_id = arguments.integer("client_id")
        if client_id not in world.clients:
            raise ControlError(f"there is no client {client_id}")
        clients = [world.clients[client_id]]
    if len(text) > MAX_TEXT or "\0" in text:
        raise ControlError(f"text must have at most {MAX_TEXT} characters, and no NUL")
    for client in clients:
        client.error(req_id, code, text, now)
    return {"clients": len(clients)}


def _greeting(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    if not arguments.flag("on", 1):
        world.start = Start()
        return {}
    start = Start(
        _list(arguments) if arguments.has("list") else USUAL,
        arguments.flag("first"),
        arguments.flag("effect"),
    )
    if arguments.has("back") or arguments.has("seconds"):
        start.back = _way_back(arguments)
    if arguments.has("count"):
        start.left = arguments.integer("count")
        if not start.left:
            raise ControlError("count must be at least 1")
    world.start = start
    return {}


def _outage(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    code = arguments.integer("code", ErrorCode.CONNECTIVITY_LOST)
    if code not in OUTAGES:
        raise ControlError(f"code must be one of {', '.join(str(int(c)) for c in OUTAGES)}")
    back = _way_back(arguments)
    if code:
        send_notice(Notice(code), world.clients.values(), now)
    world.note(ErrorCode.CONNECTIVITY_LOST, "", now)
    world.plan_back(back, now)
    return {"clients": len(world.clients)}


def _flap(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    if not arguments.flag("on", 1):
        world.flapping.stop(now)
        return {}
    farms = arguments.texts("farms") or FLAPPING_FARMS
    for farm in farms:
        _check_farm(farm)
    period_s = arguments.seconds("period", MAX_S, 10.0)
    if period_s < MIN_PERIOD_S:
        raise ControlError(f"period must be at least {MIN_PERIOD_S} seconds")
    schedule = Schedule(
        farms,
        period_s,
        arguments.seconds("down", MAX_S, 2.0),
        now + arguments.seconds("seconds", MAX_S, 3600.0),
        arguments.flag("real"),
        arguments.integer("seed", 1),
    )
    world.flapping.start(schedule, now)
    return {"farms": list(farms)}


def _way_back(arguments: Arguments) -> WayBack:
    way = arguments.choice("back", WAYS, KEPT)
    if way == NONE:
        return WayBack(way, 0.0)
    return WayBack(way, arguments.seconds("seconds", MAX_S), arguments.flag("dead"))


def _list(arguments: Arguments) -> tuple[Notice, ...]:
    return tuple(_read(item) for item in arguments.items("list"))


def _read(item: object) -> Notice:
    """Read one notice: a code, or a list of code and farm, or an object; raises ControlError."""
    if isinstance(item, list):
        if not 1 <= len(item) <= 2:
            raise ControlError("a notice as a list is its code and its farm")
        item = dict(zip(("code", "farm"), item, strict=False))
    fields = Arguments(item if isinstance(item, dict) else {"code": item})
    code, farm, text = fields.integer("code"), fields.text("farm", ""), fields.text("text", "")
    if code not in TEXTS and not text:
        raise ControlError(
            f"code must be one of {', '.join(str(int(c)) for c in TEXTS)}, or have a text"
        )
    if len(text) > MAX_TEXT or "\0" in text:
        raise ControlError(f"text must have at most {MAX_TEXT} characters, and no NUL")
    if farm:
        _check_farm(farm)
    return Notice(code, farm, fields.integer("port", 0), text)


def _check_farm(farm: str) -> None:
    if not (farm.isascii() and farm.replace(".", "").isalnum() and len(farm) <= MAX_FARM):
        raise ControlError(f"farm must be a name of at most {MAX_FARM} letters, digits and dots")


#: By name.
NOTICES: Mapping[str, Command] = {
    "notice": _notice,
    "notices": _notices,
    "say": _say,
    "greeting": _greeting,
    "outage": _outage,
    "flap": _flap,
}
