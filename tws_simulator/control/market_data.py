"""Commands about lines, and about which market data is to be had.

limit        lines: the line limit from now on; lines that are held stay
deny_data    code: 200, 354, 10089 or 10168 for requests of live data from now on, of con_id
             (or a list of them), or of all with this symbol, sec_type, exchange and currency;
             delayed (1 or 0; default 0 for 200 and 354, else 1): whether types 3 and 4 get delayed
             data; delay (seconds, default 0): the refusal comes so much later; text
grant_data   con_id, symbol, sec_type, exchange or currency as above, or none for all: give it again
partial      code: 10089, 10090, 10091, 10167, 2188 or 354 comes for what is chosen as above, and
             the request lives: ticks (default 1) follow, or with 0 nothing; delayed (default 1 for
             10089, 10167 and 354): they are delayed, and requests of live data are refused with the
             code; first 1: before 58; language en (default) or de, or text; grant_data ends it
competing    on (1 or 0): 10197 for all market data requests, open or new; open ones stop ticking
             until it is off, or for seconds; back alone (default: they go on by themselves) or
             asked (only what is asked for afterwards ticks); new refused (default) or kept (opened,
             with 10197, and silent); positions, account, missing, pushes: how positions are
             answered meanwhile, as in position_answers (default whole)
farms        farms (a list, or names with commas; default all of market data): connect only on
             demand, by 2119 and, seconds (default 0.5) later, 2104, when the first of their
             contracts is asked for; until then greetings say 2108; on 0 connects them all
halt         con_id: it trades no more, "halted" is 1
resume       con_id: it trades again
dead         con_id, on (default 1, or 0): its lines are held and never tick
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.control.readiness import read_answer
from tws_simulator.errors import ControlError
from tws_simulator.services.accounts.position_answers import MODES
from tws_simulator.services.common.farms import MARKET_FARMS
from tws_simulator.services.common.selector import Selector
from tws_simulator.services.market_data.competing_sessions import ALONE, BACK, Competition
from tws_simulator.services.market_data.entitlements import (
    LANGUAGES,
    LEAVES_DELAYED,
    TEXTS,
    Denial,
    Remark,
)
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.world import World

#: Reasons data can be refused with.
DENIALS = (
    ErrorCode.NO_SECURITY,
    ErrorCode.NOT_SUBSCRIBED,
    ErrorCode.SUBSCRIPTION_FOR_API,
    ErrorCode.DELAYED_NOT_ENABLED,
)
#: Notices that can come for a request that goes on.
REMARKS = (
    ErrorCode.SUBSCRIPTION_FOR_API,
    ErrorCode.PART_NOT_SUBSCRIBED,
    ErrorCode.PART_SUBSCRIPTION_FOR_API,
    ErrorCode.DISPLAYING_DELAYED,
    ErrorCode.HISTORY_SUBSCRIPTION,
    ErrorCode.NOT_SUBSCRIBED,
)
#: Remarks that go with delayed data, unless others are given.
DELAYED_REMARKS = frozenset(
    (ErrorCode.SUBSCRIPTION_FOR_API, ErrorCode.DISPLAYING_DELAYED, ErrorCode.NOT_SUBSCRIBED)
)
#: Longest time that a refusal is on its way, and that a competing session lasts, seconds.
MAX_DELAY_S, MAX_S = 3600, 86_400
#: What becomes of a request that comes while another session competes.
REFUSED, KEPT = "refused", "kept"
#: Names the planned end of a competing session.
COMPETING = "competing"
WHOLE = "whole"


def _limit(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.lines.granted = arguments.integer("lines")
    return {"held": world.lines.held}


def _deny_data(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    code = _code(arguments, DENIALS)
    delayed = arguments.flag("delayed", int(code in LEAVES_DELAYED))
    delay_s = arguments.seconds("delay", MAX_DELAY_S) if arguments.decimal("delay") else 0.0
    denial = Denial(code, delayed, delay_s, arguments.text("text", ""))
    world.market_data.entitlements.rule(_chosen(arguments), denial)
    return {}


def _grant_data(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.market_data.entitlements.rule(_chosen(arguments, any_at_all=True), None)
    return {}


def _partial(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    code = _code(arguments, REMARKS)
    texts = LANGUAGES[arguments.choice("language", tuple(LANGUAGES), "en")]
    remark = Remark(
        code,
        arguments.text("text", "") or texts.get(code, TEXTS[code]),
        delayed=arguments.flag("delayed", int(code in DELAYED_REMARKS)),
        ticks=arguments.flag("ticks", 1),
        first=arguments.flag("first"),
    )
    world.market_data.entitlements.rule(_chosen(arguments), remark)
    return {}


def _competing(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.plans.drop(COMPETING)
    if not arguments.integer("on"):
        world.compete(None, None, now)
        return {}
    mode = arguments.choice("positions", (WHOLE, *MODES), WHOLE)
    competition = Competition(
        arguments.choice("back", BACK, ALONE),
        arguments.choice("new", (REFUSED, KEPT), REFUSED) == KEPT,
    )
    positions = None if mode == WHOLE else read_answer(world, arguments, mode)
    seconds = arguments.seconds("seconds", MAX_S, inf)
    world.compete(competition, positions, now)
    if seconds < inf:
        world.plans.at(now + seconds, COMPETING, lambda at: world.compete(None, None, at))
    return {}


def _farms(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    farms = arguments.texts("farms") or MARKET_FARMS
    if not arguments.flag("on", 1):
        world.demand.connect_all(now)
        return {}
    world.demand.rest(farms, arguments.seconds("seconds", MAX_DELAY_S, 0.5), now)
    return {"farms": list(farms)}


def _code(arguments: Arguments, of: Sequence[ErrorCode]) -> ErrorCode:
    code = arguments.integer("code")
    if code not in of:
        raise ControlError(f"code must be one of {', '.join(str(int(c)) for c in of)}")
    return ErrorCode(code)


def _chosen(arguments: Arguments, *, any_at_all: bool = False) -> Selector:
    """Read which contracts are chosen; raises ControlError."""
    con_ids = arguments.items("con_id")
    if any(not isinstance(one, int) or isinstance(one, bool) or one < 0 for one in con_ids):
        raise ControlError("con_id must be a whole number, not negative, or a list of them")
    chosen = Selector(
        frozenset(one for one in con_ids if isinstance(one, int)),
        arguments.text("symbol", ""),
        arguments.text("sec_type", ""),
        arguments.text("exchange", ""),
        arguments.text("currency", ""),
    )
    if chosen == Selector() and not any_at_all:
        raise ControlError("con_id, symbol, sec_type, exchange or currency must be given")
    return chosen


def _halt(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.market_data.halts.halt(_con_id_of(world, arguments), now)
    return {}


def _resume(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.market_data.halts.resume(_con_id_of(world, arguments))
    return {}


def _dead(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    dead = bool(arguments.integer("on", 1))
    world.market_data.outages.kill(_con_id_of(world, arguments), dead=dead)
    world.market_data.review(now)
    return {}


def _con_id_of(world: World, arguments: Arguments) -> int:
    con_id = arguments.integer("con_id")
    if world.universe.get(con_id) is None:
        raise ControlError(f"there is no contract {con_id}")
    return con_id


#: By name.
MARKET_DATA: Mapping[str, Command] = {
    "limit": _limit,
    "deny_data": _deny_data,
    "grant_data": _grant_data,
    "partial": _partial,
    "competing": _competing,
    "farms": _farms,
    "halt": _halt,
    "resume": _resume,
    "dead": _dead,
}
