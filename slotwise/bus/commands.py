"""Commands to the gateway: a Redis Stream, so that a short absence loses none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec
import structlog

from slotwise.bus.client import Bus, translated
from slotwise.leg import Leg
from slotwise.rules.registry_changes import RegistryChange

log = structlog.get_logger(__name__)

#: Commands kept: far more than a gateway can miss while it restarts.
KEPT = 1000


#: A command has the rows of a change up to this many; of a larger one the gateway reads the table.
MOST_ROWS = 200


class RegistryChanged(msgspec.Struct, frozen=True, tag=True):
    """The strategy registry in the lake has changed; `change` is None where unknown."""

    change: RegistryChange | None = None


def registry_command(change: RegistryChange) -> RegistryChanged:
    """Return the command for a change that the table already has."""
    return RegistryChanged(change if len(change.rows) <= MOST_ROWS else None)


class PollNow(msgspec.Struct, frozen=True, tag=True):
    """Ask for a fresh position snapshot, which names the `question` it answers."""

    reason: str
    question: str = ""


class CompareBook(msgspec.Struct, frozen=True, tag=True):
    """Ask for holdings that are open in the lake and no longer held, so that they are closed."""

    reason: str


class WhyAsked(msgspec.Struct, frozen=True, tag=True):
    """Ask how a contract stands; the answer goes to `bus.answers` under `question`."""

    question: str
    con_id: int


class EvidenceAsked(msgspec.Struct, frozen=True, tag=True):
    """Ask for the broker's data on contracts in doubt; answered as `WhyAsked` is."""

    question: str
    con_ids: tuple[int, ...]


class ContractsAsked(msgspec.Struct, frozen=True, tag=True):
    """Ask which contracts legs may mean; answered as `WhyAsked` is."""

    question: str
    legs: tuple[Leg, ...]


Command: TypeAlias = (
    RegistryChanged | PollNow | CompareBook | WhyAsked | EvidenceAsked | ContractsAsked
)

_commands = msgspec.msgpack.Decoder(Command)


class Commands:
    """Send commands to the gateway, and receive them there."""

    def __init__(self, bus: Bus) -> None:
        self._redis = bus.redis
        self._key = bus.key("commands")

    def send(self, command: Command) -> None:
        """Append a command."""
        with translated():
            self._redis.xadd(self._key, {b"command": msgspec.msgpack.encode(command)}, maxlen=KEPT)

    def newest(self) -> str:
        """Return the stream position after all commands sent so far."""
        with translated():
            found = self._redis.xrevrange(self._key, count=1)
        return found[0][0].decode() if found else "0-0"

    def receive(self, after: str, wait_ms: int) -> tuple[str, list[Command]]:
        """Wait up to `wait_ms` for commands after a place; return the new place and them."""
        with translated():
            found = self._redis.xread({self._key: after}, block=wait_ms)
        entries = found[0][1] if found else []
        place = entries[-1][0].decode() if entries else after
        return place, [one for entry in entries if (one := _command(*entry)) is not None]


def _command(place: bytes, fields: Mapping[bytes, bytes]) -> Command | None:
    """Read a command; one that cannot be read is left out and named, and hides no other."""
    try:
        found: Command = _commands.decode(fields.get(b"command", b""))
        return found
    except msgspec.MsgspecError as error:
        log.warning("command skipped", command=place.decode(), reason=str(error))
        return None
