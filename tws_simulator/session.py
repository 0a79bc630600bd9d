"""One client's conversation, from greeting to end. No I/O: bytes in, `client.take_output()` out.

GREETING  --versions-->  STARTING  --startApi-->  READY
    \\________________________|________________________/
                             |  the client is closed
                           CLOSED
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto

from tws_simulator.errors import FrameError, MalformedRequest
from tws_simulator.pacing import Pacer
from tws_simulator.routes.table import ROUTES
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.connection_refusals import (
    CLOSE,
    ERROR,
    HANG,
    ID_IN_USE,
    MUTE,
    OPEN,
    ConnectionRefusal,
)
from tws_simulator.services.common.request_delays import RequestDelays
from tws_simulator.services.common.resolve import Refused
from tws_simulator.services.common.scheduler import Entry
from tws_simulator.wire.fields import Fields
from tws_simulator.wire.frames import FrameReader, split_fields
from tws_simulator.wire.handshake import Handshake, greeting_answer
from tws_simulator.wire.ids import ErrorCode, Request
from tws_simulator.wire.parsing import start_api
from tws_simulator.wire.system_replies import NO_ID
from tws_simulator.wire_tap import Party, WireTap
from tws_simulator.world import MAX_CLIENTS, World

#: Requests over the rate that end a session which rejects them.
MAX_BREACHES = 3
#: Bytes a silent session takes before it leaves them in the socket.
MAX_UNHEARD_BYTES = 256 * 1024
#: Backlog of a session that wants no more bytes.
FULL = 1_000_000
#: Longest request, bytes; no client sends one of 100 KB. Longer ones end the session.
MAX_REQUEST_BYTES = 1024 * 1024
#: Answers of this many bytes are enough for one turn; then others have theirs.
MAX_TURN_BYTES = 64 * 1024
TOO_FAST = "Max rate of messages per second has been exceeded"


class Phase(Enum):
    """Name how far a conversation is."""

    GREETING = auto()
    STARTING = auto()
    READY = auto()
    CLOSED = auto()


class Session:
    """Drive one conversation; all times are unix seconds."""

    def __init__(
        self,
        world: World,
        server_version: int,
        messages_per_s: int,
        *,
        reject_fast: bool = False,
    ) -> None:
        self.client = Client()
        self.phase = Phase.GREETING
        #: Told of every frame that comes in, where a log is kept.
        self.tap: WireTap | None = None
        self._world = world
        self._handshake = Handshake(server_version)
        self._reader = FrameReader(max_bytes=MAX_REQUEST_BYTES)
        #: Whether the socket does not take what there is to send.
        self.congested = False
        self._pacer = Pacer(messages_per_s)
        self._reject_fast = reject_fast
        self._breaches = 0
        self._waiting: deque[bytes] = deque()
        self._resume: Entry | None = None
        self._spoken = False
        self._unheard = bytearray()
        self._slow = RequestDelays(self.client, world.faults, world.scheduler, self._go_on_with)
        #: Whether the connection is turned away, and how.
        self._door = ConnectionRefusal(OPEN)
        self.client.on_resumed = self._take_unread
        self.client.hang_up = self.close
        world.faults.arrived(self.client)

    @property
    def started(self) -> bool:
        """Return whether the client got as far as to ask for anything."""
        return self.phase not in (Phase.GREETING, Phase.STARTING)

    @property
    def backlog(self) -> int:
        """Count the requests that wait for their turn."""
        if len(self._unheard) > MAX_UNHEARD_BYTES:
            return FULL
        return len(self._waiting) + len(self._slow)

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes from the client."""
        tap = self.tap
        if self.phase is Phase.CLOSED:
            if tap is not None:
                tap.unread(data, now)
            return
        if self.phase is Phase.GREETING and not self._spoken:
            # The time of a client's first bytes decides: half-open peers accept and do no more.
            self._spoken = True
            self._world.faults.greet(self.client, now)
            self._door = self._world.faults.doors.take(now, accepting=False)
            self.client.silent = self.client.silent or self._door.kind == HANG
            if self._door.kind == CLOSE:
                if tap is not None:
                    tap.unread(data, now)
                self.close(now)
                return
        if self.client.silent:
            self._unheard += data
            return
        try:
            if self.phase is Phase.GREETING:
                if tap is not None:
                    tap.greeting(data)
                greeting = self._handshake.feed(data)
                if greeting is None:
                    return
                if tap is not None:
                    tap.greeted(greeting.rest, now)
                self.client.version = self._door.version(greeting)
                self.client.send(greeting_answer(self.client.version, now))
                self.phase = Phase.STARTING
                data = greeting.rest
                self._world.faults.greeted(self.client, now)
                self.client.silent = self.client.silent or self._door.kind == MUTE
                if self.client.silent:
                    self._unheard += data
                    return
            self._reader.feed(data)
            for body in self._reader.bodies():
                self._take(body, now)
        except FrameError:
            if tap is not None:
                tap.unread(data, now)
            self.close(now)
            return
        self._work_off(now)

    def lost(self, now: float, by: Party = "client") -> None:
        """Take note that the connection is gone."""
        if self.tap is not None and self.phase is not Phase.CLOSED:
            self.tap.closed(by, now)
        self.phase = Phase.CLOSED
        self._waiting.clear()
        self._unheard.clear()
        self._slow.end()
        if self._resume is not None:
            self._resume.call_off()
        self._world.faults.gone(self.client)
        self._world.leave(self.client, now)

    def close(self, now: float) -> None:
        """End the conversation from our side."""
        self.lost(now, "simulator")
        self.client.close()

    def _take_unread(self, now: float) -> None:
        """Take what came in during a silence."""
        data = bytes(self._unheard)
        self._unheard.clear()
        self.receive(data, now)

    def _take(self, body: bytes, now: float) -> None:
        """Queue a request for its turn, or first for as long as answers are slow."""
        if not self._slow.put(body, now):
            self._waiting.append(body)

    def _go_on_with(self, bodies: Sequence[bytes], now: float) -> None:
        """Work off requests that were slow."""
        self._waiting.extend(bodies)
        self.client.release(now)
        self._work_off(now)

    def _work_off(self, now: float) -> None:
        enough = self.client.sent_bytes + MAX_TURN_BYTES
        while self._waiting:
            if self.congested or self.client.sent_bytes > enough:
                self._wait(now)
                if not self.congested:
                    self._resume_at(now)
                return
            if not self._pacer.take(now):
                if self._reject_fast:
                    self._reject(now)
                    continue
                self._wait(now)
                self._resume_at(self._pacer.ready_at(now))
                return
            body = self._waiting.popleft()
            if self.tap is not None:
                self.tap.taken(body, now)
            _STEPS[self.phase](self, split_fields(body), now)

    def relieved(self, now: float) -> None:
        """Continue: the socket takes again what there is to send."""
        self.congested = False
        self._work_off(now)

    def _wait(self, now: float) -> None:
        if self.tap is not None:
            self.tap.wait(self._waiting, now)

    def _resume_at(self, due: float) -> None:
        if self._resume is None:
            self._resume = self._world.scheduler.at(due, self._go_on)

    def _reject(self, now: float) -> None:
        """Drop one request that came too fast; the last breach ends the session."""
        body = self._waiting.popleft()
        if self.tap is not None:
            self.tap.rejected(body, now)
        self._breaches += 1
        self.client.error(NO_ID, ErrorCode.MAX_RATE, TOO_FAST, now)
        if self._breaches == MAX_BREACHES:
            self.close(now)

    def _go_on(self, now: float) -> None:
        self._resume = None
        self._work_off(now)

    def _start(self, fields: list[str], now: float) -> None:
        """Take the first request, which must be startApi."""
        try:
            if not fields or fields[0] != str(Request.START_API):
                raise MalformedRequest("startApi must be the first request")
            client_id = start_api(Fields(fields, 1)).client_id
        except MalformedRequest as error:
            self.client.refuse(NO_ID, ErrorCode.READING, str(error), now)
            return
        if self._door.kind != OPEN:
            if self._door.kind == ERROR:
                self.client.notice(self._door.code, self._door.text, now)
            self.close(now)
            return
        clients = self._world.clients
        if client_id in clients:
            self.client.notice(ErrorCode.CLIENT_ID_IN_USE, ID_IN_USE, now)
            self.close(now)
        elif len(clients) >= MAX_CLIENTS:
            cause = f"Maximum number of API clients ({MAX_CLIENTS}) is connected"
            self.client.refuse(NO_ID, ErrorCode.VALIDATING, cause, now)
            self.close(now)
        else:
            self.client.client_id = client_id
            # What expired while no client was there has happened when one comes.
            self._world.expiries.catch_up(now)
            self._world.join(self.client, now)
            self.phase = Phase.READY
            self._world.welcome(self.client, now)

    def _request(self, fields: list[str], now: float) -> None:
        """Take any request after the first; what cannot be read is answered, not fatal."""
        req_id = NO_ID
        try:
            message_id = Fields(fields).integer()
            route = ROUTES.get(message_id)
            if route is None:
                raise MalformedRequest(f"Unknown message id {message_id}")
            if route.id_at:
                req_id = Fields(fields, route.id_at).integer()
            request = route.read(Fields(fields, 1, self.client.version))
            if self._world.faults.hangs.take(message_id, now):
                return
            route.do(self._world, self.client, request, now)
        except MalformedRequest as error:
            self.client.refuse(req_id, ErrorCode.READING, str(error), now)
        except Refused as refused:
            refused.send(self.client, req_id, now)

    def _ignore(self, fields: list[str], now: float) -> None:
        """Drop what comes after the end."""


_Step = Callable[[Session, list[str], float], None]
# The greeting is no frame: `receive` takes it before any step.
_STEPS: Mapping[Phase, _Step] = {
    Phase.STARTING: Session._start,
    Phase.READY: Session._request,
    Phase.CLOSED: Session._ignore,
}
