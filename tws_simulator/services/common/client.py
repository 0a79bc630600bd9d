"""A client, as the services see it: its identity, and where answers go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.system_replies import NO_ID, error, error_text

#: A peer that holds back more than this many bytes has lost the connection by the time it is back.
MAX_HELD_BYTES = 16 * 1024 * 1024


class Client:
    """Collect what goes out to one client, in order."""

    def __init__(self) -> None:
        self.client_id = -1
        #: Negotiated server version.
        self.version = 0
        #: When its session began, unix seconds.
        self.started_at = 0.0
        #: Called when there is output where there was none.
        self.on_output: Callable[[], None] | None = None
        #: Called when a silent peer is back: what was held back reaches it now.
        self.on_resumed: Callable[[float], None] | None = None
        #: Ends the conversation from our side.
        self.hang_up: Callable[[float], None] | None = None
        #: Told what a silence or a slow answer withholds, and given the delivery of it later.
        self.on_withheld: Callable[[Sequence[bytes]], None] | None = None
        self.on_late: Callable[[Callable[[], None]], None] | None = None
        self._out: list[bytes] = []
        #: Bytes sent so far.
        self.sent_bytes = 0
        #: Nothing is sent and nothing received, as if the network between were broken.
        self.silent = False
        #: What is sent waits, because of a silence or of a slow answer before it.
        self.holding = False
        self._held: list[bytes] = []
        self._held_bytes = 0
        self.closing = False

    def send(self, *frames: bytes) -> None:
        """Send frames, unless the client is being closed; what is held back waits."""
        if self.closing or not frames:
            return
        if self.silent or self.holding:
            if self.on_withheld is not None:
                self.on_withheld(frames)
            self._hold(frames)
            return
        first = not self._out
        self._out.extend(frames)
        self.sent_bytes += sum(map(len, frames))
        if first and self.on_output is not None:
            self.on_output()

    def release(self, now: float) -> None:
        """Send what was held back, in its order; too much of it ends the conversation."""
        self.holding = False
        if self.silent:
            return
        if self._held_bytes > MAX_HELD_BYTES and self.hang_up is not None:
            self.hang_up(now)
            return
        held, self._held, self._held_bytes = self._held, [], 0
        if self.on_late is None:
            self.send(*held)
        else:
            self.on_late(lambda: self.send(*held))

    def end_silence(self, now: float) -> None:
        """Resume: send what was held back, then read what was not read."""
        if not self.silent:
            return
        self.silent = False
        if not self.holding:
            self.release(now)
        if self.on_resumed is not None:
            self.on_resumed(now)

    def _hold(self, frames: tuple[bytes, ...]) -> None:
        # Beyond the limit the connection is lost anyway; only the count is still needed.
        if self._held_bytes <= MAX_HELD_BYTES:
            self._held.extend(frames)
            self._held_bytes += sum(map(len, frames))

    def take_output(self) -> list[bytes]:
        """Return what is to be written, and clear it."""
        out, self._out = self._out, []
        return out

    def error(self, req_id: int, code: int, text: str, now: float) -> None:
        """Send an error that belongs to a request."""
        self.send(error(self.version, req_id, code, text, now))

    def refuse(self, req_id: int, code: ErrorCode, cause: str, now: float) -> None:
        """Send an error of reading, validating or processing a request."""
        self.error(req_id, code, error_text(code, cause), now)

    def notice(self, code: int, text: str, now: float) -> None:
        """Send a system notice."""
        self.error(NO_ID, code, text, now)

    def close(self) -> None:
        """Send what is left, then end the connection."""
        self.closing = True
        if self.on_output is not None:
            self.on_output()
