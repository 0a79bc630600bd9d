"""The wire log: every frame both ways, as JSON lines, in the order things happened. No I/O.

Before an inbound frame is noted, all that was sent until then is: so what stands between a request
and the next inbound frame is what the request, or time, brought about.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from tws_simulator.services.common.client import Client
from tws_simulator.wire_tap import WireTap

_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode


class WireLog:
    """Collect lines of all connections of one start, named `run`."""

    def __init__(
        self, run: str, write: Callable[[bytes], None], on_lines: Callable[[], None]
    ) -> None:
        self._run = run
        self._write = write
        #: Called when there are lines where there were none.
        self._on_lines = on_lines
        self._lines: list[str] = []
        self._connections = 0
        self._unsettled: dict[int, Callable[[], None]] = {}

    def tap(
        self, client: Client, clock: Callable[[], float], collect: Callable[[], None]
    ) -> WireTap:
        """Follow one more connection; `collect` has to note what waits to be sent on it."""
        self._connections += 1
        return WireTap(self, self._connections, client, clock, collect)

    def note(self, t: float, conn: int, client_id: int | None, **what: object) -> None:
        """Add a line."""
        if not self._lines:
            self._on_lines()
        line = {"t": round(t, 6), "run": self._run, "conn": conn, "client_id": client_id, **what}
        self._lines.append(_encode(line))

    def note_fact(self, fields: Mapping[str, object]) -> None:
        """Add a line that belongs to no connection, after all that was sent before it."""
        self.settle()
        if not self._lines:
            self._on_lines()
        self._lines.append(_encode({"conn": None, "client_id": None, **fields}))

    def expect(self, conn: int, collect: Callable[[], None]) -> None:
        """Note that a connection has output that is not in the log yet."""
        self._unsettled[conn] = collect

    def settle(self) -> None:
        """Note all output so far, before anything else is noted."""
        unsettled, self._unsettled = self._unsettled, {}
        for collect in unsettled.values():
            collect()

    def flush(self) -> None:
        """Write the lines there are."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._write("\n".join([*lines, ""]).encode())
