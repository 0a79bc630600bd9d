"""A client, as the desks see it: who it is, and where answers go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workers.simulator.wire.ids import ErrorCode
from workers.simulator.wire.system_replies import NO_ID, error, error_text


class Client:
    """Collect what goes out to one client, in order."""

    def __init__(self) -> None:
        self.client_id = -1
        #: Negotiated server version.
        self.version = 0
        #: Called when there is output where there was none.
        self.on_output: Callable[[], None] | None = None
        #: Told what a silence withholds.
        self.on_withheld: Callable[[Sequence[bytes]], None] | None = None
        self._out: list[bytes] = []
        #: Bytes sent so far.
        self.sent_bytes = 0
        #: Nothing more is sent, as if the peer had frozen.
        self.silent = False
        self.closing = False

    def send(self, *frames: bytes) -> None:
        """Send frames, unless the client is being closed or has been silenced."""
        if self.closing or not frames:
            return
        if self.silent:
            if self.on_withheld is not None:
                self.on_withheld(frames)
            return
        first = not self._out
        self._out.extend(frames)
        self.sent_bytes += sum(map(len, frames))
        if first and self.on_output is not None:
            self.on_output()

    def take_output(self) -> list[bytes]:
        """Give what is to be written, and forget it."""
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
