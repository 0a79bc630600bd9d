"""GatewayWords: what the gateway of this run reports, one line for each change."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.errors import BusError


class GatewayWords:
    """Read the gateway's status, and pass over the last one of an earlier run.

    Make it before the gateway is started: a status outlives its process, in Redis.
    """

    def __init__(self, board: StatusBoard) -> None:
        self._board = board
        self._shown = ""
        before = self._read()
        self._earlier: datetime | None = None if before is None else before.at

    def news(self) -> str:
        """Return the session and its detail where they have changed; empty where not."""
        status = self._read()
        if status is None or status.at == self._earlier:
            return ""
        words = f"gateway {status.session} {status.detail}".rstrip()
        if words == self._shown:
            return ""
        self._shown = words
        return words

    def _read(self) -> GatewayStatus | None:
        with suppress(BusError):
            return self._board.get(GatewayStatus)
        return None
