"""One client of a replay: its bytes in, the recorded answers out, at their times."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from tws_simulator.errors import FrameError
from tws_simulator.replay.layouts import CON_ID, REQUEST_ID, START, cancelled_id, number, request_id
from tws_simulator.replay.script import Reply, Script
from tws_simulator.wire.frames import FrameReader, frame, split_fields
from tws_simulator.wire.handshake import Handshake

#: TWS's code and words for a contract that it does not find, for what is not in the recording.
NO_CONTRACT = 200
UNKNOWN = "No security definition has been found for the request (it is not in the recording)"
#: TWS's code for a request that it refuses.
REFUSED = 321
NOT_RECORDED = "Error validating request: it is not in the recording"


class Player(asyncio.Protocol):
    """Answer one connection from a script; `speed` 2 sends everything in half of the time."""

    def __init__(
        self,
        script: Script,
        speed: float,
        note: Callable[[str], None],
        on_lost: Callable[[Player], None],
    ) -> None:
        self._script = script
        self._speed = speed
        self._note = note
        self._on_lost = on_lost
        self._handshake: Handshake | None = Handshake(script.version)
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None
        #: What is being sent, by request id; unasked messages under None.
        self._sending: dict[str | None, asyncio.TimerHandle] = {}
        self._started = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Send nothing more."""
        self._transport = None
        for timer in self._sending.values():
            timer.cancel()
        self._sending.clear()
        self._on_lost(self)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Read the handshake, then requests."""
        try:
            if self._handshake is not None:
                greeting = self._handshake.feed(data)
                if greeting is None:
                    return
                self._handshake = None
                if greeting.version != self._script.version:
                    self._note(
                        f"replay: the client speaks {greeting.oldest} to {greeting.newest}, the"
                        f" recording {self._script.version}: it is not answered"
                    )
                    self.close()
                    return
                self._send((str(self._script.version), self._script.time_text))
                data = greeting.rest
            self._reader.feed(data)
            for body in self._reader.bodies():
                self._take(tuple(split_fields(body)))
        except FrameError as error:
            self._note(f"replay: {error}")
            self.close()

    def _take(self, fields: tuple[str, ...]) -> None:
        kind = number(fields)
        if kind == START:
            if not self._started:
                self._started = True
                self._begin(None, None, self._script.unasked)
                if self._script.ends_s is not None:
                    loop = asyncio.get_running_loop()
                    loop.call_later(self._script.ends_s / self._speed, self.close)
            return
        ended = cancelled_id(fields)
        if ended is not None:
            timer = self._sending.pop(ended, None)
            if timer is not None:
                timer.cancel()
            return
        own = request_id(fields)
        replies = self._script.answers(fields)
        if replies is not None:
            # Requests without an id have a name each, so that one does not end the other.
            self._begin(own if own is not None else f"kind {kind}", own, replies)
        elif own is not None and kind in REQUEST_ID:
            code, text = (NO_CONTRACT, UNKNOWN) if kind in CON_ID else (REFUSED, NOT_RECORDED)
            self._note(f"replay: a request of kind {kind} is not in the recording: {fields[1:]}")
            self._send(("4", "2", own, str(code), text, ""))

    def _begin(self, name: str | None, request: str | None, replies: Iterable[Reply]) -> None:
        """Send replies one after another, each at its time from now."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        waiting = iter(replies)

        def send_next(reply: Reply | None) -> None:
            if reply is not None:
                self._send(reply.to(request))
            for each in waiting:
                due = began + each.after_s / self._speed
                if due > loop.time():
                    self._sending[name] = loop.call_at(due, send_next, each)
                    return
                self._send(each.to(request))
            self._sending.pop(name, None)

        earlier = self._sending.pop(name, None)
        if earlier is not None:
            earlier.cancel()
        send_next(None)

    def _send(self, fields: tuple[str, ...]) -> None:
        if self._transport is not None:
            self._transport.write(frame(*fields))
