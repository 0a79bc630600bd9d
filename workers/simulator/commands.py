"""What can be done to a running simulator: one table of commands. No I/O.

A command is a JSON object such as `{"do": "limit", "lines": 60}`; the answer is one, too:
`{"ok": true, ...}` or `{"ok": false, "error": "..."}`.

    position               account (default: the first), con_id, quantity, avg_cost (optional):
                           hold so much from now on, 0 closes; pushed to whoever is subscribed
    limit                  lines: the line limit from now on; lines that are held stay
    withhold_position_end  count (default 1): the next answers to reqPositions get no end
    silence                connected clients hear nothing more, and are not heard
    notice                 code: 1100, 1101, 1102, 2103, 2104 or 2110, told to all clients;
                           1101 ends their market data, as TWS then has lost it
    deny_data              con_id, code: 354, 10089 or 10168 for whoever asks for it from now on
    grant_data             con_id: give its data again
    competing              on (1 or 0): 10197 for all new market data requests
    drop                   cut all connections
    refuse                 seconds: cut all connections and accept none for so long
    status                 answer lines held, limit, clients, positions
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Protocol

from workers.simulator.errors import ControlError
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.world import World

#: Longest time that connections are refused, seconds: a day.
MAX_REFUSE_S = 86_400
#: Reasons a contract's data can be denied with.
DENIALS = (
    ErrorCode.NOT_SUBSCRIBED,
    ErrorCode.SUBSCRIPTION_FOR_API,
    ErrorCode.DELAYED_NOT_ENABLED,
)
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
    ErrorCode.MARKET_FARM_BROKEN: "Market data farm connection is broken:usfarm",
    ErrorCode.MARKET_FARM_OK: "Market data farm connection is OK:usfarm",
    ErrorCode.SERVER_BROKEN: (
        "Connectivity between Trader Workstation and server is broken. "
        "It will be restored automatically."
    ),
}


class Shell(Protocol):
    """Do what only the owner of the sockets can do."""

    def drop_clients(self) -> None:
        """Cut all connections at once."""
        ...

    def refuse_clients(self, seconds: float) -> None:
        """Cut all connections, and accept none for a while."""
        ...


Answer = dict[str, object]
_Command = Callable[[World, Shell, "Arguments", float], Answer]


class Arguments:
    """Read a command's arguments; each reader raises ControlError where it cannot."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    def integer(self, name: str, default: int | None = None) -> int:
        """Read a whole number that is not negative."""
        value = self._fields.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ControlError(f"{name} must be a whole number, not negative")
        return value

    def decimal(self, name: str) -> Decimal | None:
        """Read a number; None where there is none."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            raise ControlError(f"{name} must be a number")
        return Decimal(value)

    def text(self, name: str, default: str) -> str:
        """Read a text."""
        value = self._fields.get(name, default)
        if not isinstance(value, str):
            raise ControlError(f"{name} must be a text")
        return value


def obey(line: bytes, world: World, shell: Shell, now: float) -> bytes:
    """Do what a line says; the answer is a line."""
    try:
        answer = {"ok": True, **_obey(line, world, shell, now)}
    except ControlError as error:
        answer = {"ok": False, "error": str(error)}
    return json.dumps(answer).encode() + b"\n"


def _obey(line: bytes, world: World, shell: Shell, now: float) -> Answer:
    try:
        command = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ControlError(f"no JSON: {error}") from error
    if not isinstance(command, dict):
        raise ControlError("a command must be a JSON object")
    name = command.get("do")
    do = _COMMANDS.get(name) if isinstance(name, str) else None
    if do is None:
        raise ControlError(f'"do" must be one of {", ".join(_COMMANDS)}')
    return do(world, shell, Arguments(command), now)


def _position(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    account = arguments.text("account", world.accounts.names[0])
    con_id = arguments.integer("con_id")
    quantity = arguments.decimal("quantity")
    contract = world.universe.get(con_id)
    if account not in world.accounts.names:
        raise ControlError(f"there is no account {account}")
    if contract is None:
        raise ControlError(f"there is no contract {con_id}")
    if quantity is None:
        raise ControlError("quantity must be a number")
    cost = arguments.decimal("avg_cost")
    world.accounts.set_position(
        account, contract, quantity, now, None if cost is None else float(cost)
    )
    return {}


def _limit(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.lines.limit = arguments.integer("lines")
    return {"held": world.lines.held}


def _withhold(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    world.positions.ends_to_withhold = arguments.integer("count", 1)
    return {}


def _silence(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    for client in world.clients.values():
        client.silent = True
    return {"clients": len(world.clients)}


def _notice(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    code = arguments.integer("code")
    text = next((text for known, text in NOTICES.items() if known == code), None)
    if text is None:
        raise ControlError(f"code must be one of {', '.join(str(int(c)) for c in NOTICES)}")
    for client in world.clients.values():
        client.notice(code, text, now)
        if code == ErrorCode.RESTORED_DATA_LOST:
            world.market_data.end_all(client, now)
    return {"clients": len(world.clients)}


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


_COMMANDS: Mapping[str, _Command] = {
    "position": _position,
    "limit": _limit,
    "withhold_position_end": _withhold,
    "silence": _silence,
    "notice": _notice,
    "deny_data": _deny_data,
    "grant_data": _grant_data,
    "competing": _competing,
    "drop": _drop,
    "refuse": _refuse,
    "status": _status,
}
