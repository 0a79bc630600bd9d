"""Commands about connections that are turned away, about TWS's port, and about hanging requests.

handshake  kind accept (cut as it is accepted), close (at the greeting, without a word), hang (no
           answer to the greeting), below or above (a version outside of the client's range), start
           (the end at startApi, without a word), mute (no answer to startApi) or error (code,
           default 326, and text, then the end): so new connections are turned away; seconds or
           count: duration, or number of them (default until off); on 0 ends it
move_port  port (default a free one): TWS listens there from now on, says 1300 with the new port and
           closes the old one; when now (default) or greeting (the next client that starts is sent
           1300, and both ports are open until then); drop (default 1): connections are closed; text
hang       request (a name such as executions), seconds or count (default until off): it is read and
           never answered; on 0 ends that, of one request or of all
"""

from __future__ import annotations

from collections.abc import Mapping

from tws_simulator.config import MAX_PORT
from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.errors import ControlError
from tws_simulator.services.common.connection_refusals import (
    ERROR,
    ID_IN_USE,
    KINDS,
    ConnectionRefusal,
)
from tws_simulator.services.common.notices import Notice, send_notice
from tws_simulator.services.common.unanswered_requests import ANSWERED, Hang
from tws_simulator.services.common.welcome import NOTICES, Start
from tws_simulator.wire.ids import ErrorCode, Request
from tws_simulator.world import World

#: Longest time that a fault lasts, seconds: a day.
MAX_S = 86_400
#: When a port moves.
NOW, GREETING = "now", "greeting"


def _handshake(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    if not arguments.flag("on", 1):
        world.faults.doors.closed = None
        return {}
    door = ConnectionRefusal(arguments.choice("kind", KINDS))
    if arguments.has("code") or arguments.has("text"):
        if door.kind != ERROR:
            raise ControlError(f"code and text go with kind {ERROR} alone")
        door.code = arguments.integer("code", ErrorCode.CLIENT_ID_IN_USE)
        door.text = arguments.text("text", ID_IN_USE)
    door.until, door.left = _bounds(arguments, now)
    world.faults.doors.closed = door
    return {}


def _hang(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    known = {one.name.lower(): one for one in Request if int(one) not in ANSWERED}
    on = arguments.flag("on", 1)
    if not on and not arguments.has("request"):
        world.faults.hangs.end()
        return {}
    request = known[arguments.choice("request", tuple(known))]
    if on:
        world.faults.hangs.put(request, Hang(*_bounds(arguments, now)))
    else:
        world.faults.hangs.end(request)
    return {}


def _move_port(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    port, drop = arguments.integer("port", 0), arguments.flag("drop", 1)
    when = arguments.choice("when", (NOW, GREETING), NOW)
    text = arguments.text("text", "")
    if port > MAX_PORT:
        raise ControlError(f"port must be at most {MAX_PORT}")
    port = shell.open_port(port)
    reset = Notice(ErrorCode.PORT_RESET, port=port, text=text)
    if when == GREETING:
        world.start = Start((*NOTICES, reset), left=1, then=lambda at: shell.leave_port(drop=drop))
    else:
        send_notice(reset, world.clients.values(), now)
        shell.leave_port(drop=drop)
    return {"port": port}


def _bounds(arguments: Arguments, now: float) -> tuple[float, float]:
    """Read until when, unix seconds, and how often something goes wrong."""
    seconds = arguments.seconds("seconds", MAX_S, float("inf"))
    return now + seconds, arguments.integer("count") if arguments.has("count") else float("inf")


#: By name.
DOORS: Mapping[str, Command] = {
    "handshake": _handshake,
    "move_port": _move_port,
    "hang": _hang,
}
