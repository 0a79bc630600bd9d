"""Commands that break connections the way networks and TWS itself do.

silence    on (default 1): connected clients hear nothing more, and are not heard; with on 0 it
           ends: then "deliver" (default) gives both sides what was held back, "cut" closes
half_open  where "greeting" (default) or "start", seconds (default: no end): new connections are
           accepted and then silent from there; on 0 ends it for the next ones, silence on 0 for all
slow       seconds, request (a name such as positions; default all), streams (default 1): answers
           come so much later, in their order; streams 0 lets pushes wait with them; 0 ends it
garbage    kind noise, unknown_id, wrong_count, no_number or absurd_length (default each),
           client_id (default all), seed: send frames that no client should choke on
truncate   client_id (default all), seed: send the head of a frame and close
restart    seconds, notice (default 0): end all sessions as TWS's nightly restart does, after 1100
           where notice is 1, and accept no client for this time
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.errors import ControlError
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.faults import HalfOpen, Slow
from tws_simulator.services.common.notices import TEXTS
from tws_simulator.wire.account_replies import position_end
from tws_simulator.wire.ids import ErrorCode, Request
from tws_simulator.wire.malformed import GARBAGE, cut
from tws_simulator.wire.system_replies import managed_accounts
from tws_simulator.world import World

#: Longest fault that ends by itself, seconds: a day.
MAX_FAULT_S = 86_400
#: Slowest answer, seconds.
MAX_SLOW_S = 3600
#: How a silence ends.
DELIVER, CUT = "deliver", "cut"


def _silence(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    then = arguments.text("then", DELIVER)
    if then not in (DELIVER, CUT):
        raise ControlError(f"then must be {DELIVER} or {CUT}")
    clients = list(world.faults.connected)
    if arguments.integer("on", 1):
        for client in clients:
            client.silent = True
        return {"clients": len(clients)}
    silent = [client for client in clients if client.silent]
    for client in silent:
        if then == CUT:
            _hang_up(client, now)
        else:
            client.end_silence(now)
    return {"clients": len(silent)}


def _half_open(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    faults = world.faults
    where = arguments.text("where", HalfOpen.GREETING.value)
    seconds = _seconds(arguments, MAX_FAULT_S) if arguments.has("seconds") else float("inf")
    if where not in (HalfOpen.GREETING.value, HalfOpen.START.value):
        raise ControlError(f"where must be {HalfOpen.GREETING.value} or {HalfOpen.START.value}")
    faults.half_open = HalfOpen(where) if arguments.integer("on", 1) else HalfOpen.NEVER
    faults.half_open_until = now + seconds
    return {}


def _slow(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    name = arguments.text("request", "")
    kinds: frozenset[int] = frozenset()
    if name:
        known = {request.name.lower(): request for request in Request}
        if name not in known:
            raise ControlError(f"request must be one of {', '.join(known)}")
        kinds = frozenset((int(known[name]),))
    seconds = _seconds(arguments, MAX_SLOW_S, least=0.0)
    streams = bool(arguments.integer("streams", 1))
    world.faults.slow = Slow(seconds, kinds, streams) if seconds else None
    return {}


def _garbage(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    kind = arguments.text("kind", "")
    if kind and kind not in GARBAGE:
        raise ControlError(f"kind must be one of {', '.join(GARBAGE)}")
    makers = [GARBAGE[kind]] if kind else list(GARBAGE.values())
    random = Random(arguments.integer("seed", 1))
    targets = _targets(world, arguments)
    for client in targets:
        client.send(*(make(random) for make in makers))
    return {"clients": len(targets)}


def _truncate(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    random = Random(arguments.integer("seed", 1))
    targets = _targets(world, arguments)
    whole = managed_accounts(world.accounts.names)
    for client in targets:
        client.send(position_end() + cut(whole, random))
        _hang_up(client, now)
    return {"clients": len(targets)}


def _restart(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    seconds = _seconds(arguments, MAX_FAULT_S)
    if arguments.integer("notice", 0):
        for client in world.clients.values():
            client.notice(ErrorCode.CONNECTIVITY_LOST, TEXTS[ErrorCode.CONNECTIVITY_LOST], now)
    world.begin_anew()
    shell.restart(seconds)
    return {}


def _hang_up(client: Client, now: float) -> None:
    if client.hang_up is not None:
        client.hang_up(now)


def _targets(world: World, arguments: Arguments) -> list[Client]:
    if not arguments.has("client_id"):
        return list(world.clients.values())
    client_id = arguments.integer("client_id")
    if client_id not in world.clients:
        raise ControlError(f"there is no client {client_id}")
    return [world.clients[client_id]]


def _seconds(arguments: Arguments, most: float, least: float | None = None) -> float:
    seconds = arguments.decimal("seconds")
    if seconds is None or seconds > most or (seconds < 0 if least is not None else seconds <= 0):
        bounds = f"from {least:g}" if least is not None else "above 0 and"
        raise ControlError(f"seconds must be a number {bounds} up to {most}")
    return float(seconds)


#: By name.
FAULTS: Mapping[str, Command] = {
    "silence": _silence,
    "half_open": _half_open,
    "slow": _slow,
    "garbage": _garbage,
    "truncate": _truncate,
    "restart": _restart,
}
