"""What one connection carries, noted in the wire log."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeAlias

from tws_simulator.errors import FrameError, MalformedRequest
from tws_simulator.services.common.client import Client
from tws_simulator.wire.fields import Fields
from tws_simulator.wire.frames import PREFIX_BYTES, FrameReader, split_fields
from tws_simulator.wire.handshake import MAGIC

#: What became of a frame. Inbound: worked off as it came, made to wait, worked off after it
#: waited, or rejected for its pace. Outbound: sent, withheld by a silence or a slow answer, or
#: sent late, after it was withheld.
State: TypeAlias = Literal["taken", "waits", "released", "rejected", "sent", "withheld", "late"]
#: Who ended a conversation.
Party: TypeAlias = Literal["client", "simulator"]


class Log(Protocol):
    """Take the lines of all connections."""

    def note(self, t: float, conn: int, client_id: int | None, **what: object) -> None:
        """Add a line."""
        ...

    def expect(self, conn: int, collect: Callable[[], None]) -> None:
        """Note that a connection has output that is not in the log yet."""
        ...

    def settle(self) -> None:
        """Note all output so far, before anything else is noted."""
        ...

    def flush(self) -> None:
        """Write the lines there are."""
        ...


class WireTap:
    """Note what one connection carries."""

    def __init__(
        self,
        log: Log,
        conn: int,
        client: Client,
        clock: Callable[[], float],
        collect: Callable[[], None],
    ) -> None:
        self._log = log
        self._conn = conn
        self._client = client
        self._clock = clock
        self._collect = collect
        self._greeting = b""
        #: Frames that wait, of those that were noted.
        self._waiting = 0
        self._answered = False
        self._reader = FrameReader()
        self._late = False
        client.on_withheld = self._withheld
        client.on_late = self._deliver_late

    def opened(self, peer: str) -> None:
        """Note a connection that was accepted."""
        self._note(self._clock(), kind="open", peer=peer)

    def greeting(self, data: bytes) -> None:
        """Collect bytes of the greeting."""
        self._greeting += data

    def greeted(self, rest: bytes, now: float) -> None:
        """Note the greeting, which is complete but for the bytes after it."""
        greeting = self._greeting.removesuffix(rest)
        self._frame("in", "greeting", greeting[len(MAGIC) + PREFIX_BYTES :], now)
        self._greeting = b""

    def taken(self, body: bytes, now: float) -> None:
        """Note a frame that is worked off now."""
        waited = self._waiting > 0
        self._waiting -= waited
        self._frame("in", "frame", body, now, "released" if waited else "taken")

    def rejected(self, body: bytes, now: float) -> None:
        """Note a frame that came too fast."""
        self._waiting -= self._waiting > 0
        self._frame("in", "frame", body, now, "rejected")

    def wait(self, bodies: deque[bytes], now: float) -> None:
        """Note frames that have to wait; those that did before were noted then."""
        for index in range(self._waiting, len(bodies)):
            self._frame("in", "frame", bodies[index], now, "waits")
        self._waiting = len(bodies)

    def unread(self, data: bytes, now: float) -> None:
        """Note bytes that are not looked at, or that are no frames."""
        self._log.settle()
        data, self._greeting = self._greeting or data, b""
        self._note(now, kind="bytes", dir="in", size=len(data), raw=data.hex())

    def expect(self) -> None:
        """Note that there is output."""
        self._log.expect(self._conn, self._collect)

    def sent(self, data: bytes) -> None:
        """Note what goes out."""
        self._out(data, "late" if self._late else "sent")

    def closed(self, by: Party, now: float) -> None:
        """Note the end of the conversation: nothing the client asked for goes on."""
        self._log.settle()
        if self._greeting:
            self.unread(b"", now)
        self._note(now, kind="close", by=by)

    def gone(self, unsent: int) -> None:
        """Note the end of the socket, and how many bytes it never took."""
        rest = self._reader.rest()
        if rest:
            self._note(self._clock(), kind="bytes", dir="out", size=len(rest), raw=rest.hex())
        self._note(self._clock(), kind="gone", unsent=unsent)

    def flush(self) -> None:
        """Write the lines there are."""
        self._log.flush()

    def _withheld(self, frames: Sequence[bytes]) -> None:
        self._log.settle()
        self._out(b"".join(frames), "withheld")

    def _deliver_late(self, deliver: Callable[[], None]) -> None:
        """Note what was withheld as such: sent then, and received now."""
        self._log.settle()
        self._late = True
        deliver()
        self._log.settle()
        self._late = False

    def _out(self, data: bytes, state: State) -> None:
        now = self._clock()
        self._reader.feed(data)
        try:
            for body in self._reader.bodies():
                kind = "frame" if self._answered else "greeting"
                self._answered = True
                self._frame("out", kind, body, now, state)
        except FrameError:
            # A fault sends bytes that are no frames; where the next one begins is not known.
            rest = self._reader.rest()
            self._note(now, kind="bytes", dir="out", size=len(rest), raw=rest.hex())

    def _frame(
        self,
        direction: Literal["in", "out"],
        kind: str,
        body: bytes,
        now: float,
        state: State | None = None,
    ) -> None:
        if direction == "in":
            self._log.settle()
        fields = split_fields(body)
        what: dict[str, object] = {"kind": kind, "dir": direction}
        if kind == "frame":
            what["id"] = _message_id(fields)
        what["fields"] = fields
        if state is not None:
            what["state"] = state
        if kind == "frame" and "\0".join([*fields, ""]).encode() != body:
            # No UTF-8, or no NUL at the end: the fields do not say it all.
            what["raw"] = body.hex()
        self._note(now, **what)

    def _note(self, now: float, **what: object) -> None:
        client_id = self._client.client_id
        self._log.note(now, self._conn, None if client_id < 0 else client_id, **what)


def _message_id(fields: list[str]) -> int | None:
    try:
        return Fields(fields).integer()
    except MalformedRequest:
        return None
