"""Listen, and answer each connection as the recording's one of the same number."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tws_simulator.errors import UsageError
from tws_simulator.ports import Ports
from tws_simulator.replay.player import Player
from tws_simulator.replay.recording import read_recording
from tws_simulator.replay.script import Script


class ReplayServer:
    """Play a recording: `async with ReplayServer(path) as replay: replay.port`.

    The first connection is answered as the first of the recording, and so on; those beyond the
    last as the last. Raises UsageError for a file that is no recording.
    """

    def __init__(
        self, path: Path, *, host: str = "127.0.0.1", port: int = 0, speed: float = 1.0
    ) -> None:
        if not speed > 0:
            raise UsageError(f"--replay-speed: {speed:g} is not above 0")
        self._conversations = read_recording(path)
        self._speed = speed
        self._wanted_port = port
        self._accepted = 0
        self._players: set[Player] = set()
        self._ports = Ports(host, self._accept, self._fail)

    @property
    def port(self) -> int:
        """Return the port that clients are to use."""
        return self._ports.port

    async def __aenter__(self) -> Self:
        """Listen; raises ListenError."""
        await self._ports.listen(self._wanted_port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all connections."""
        self._ports.close()
        for player in list(self._players):
            player.close()

    def _accept(self) -> Player:
        number = min(self._accepted, len(self._conversations) - 1)
        self._accepted += 1
        # A script keeps which answers were given, so each connection has its own.
        player = Player(
            Script(self._conversations[number]), self._speed, _note, self._players.discard
        )
        self._players.add(player)
        return player

    def _fail(self, error: Exception) -> None:
        _note(str(error))


async def serve_replay(
    path: Path, host: str, port: int, speed: float, until: asyncio.Event
) -> None:
    """Play a recording until stopped; write the listening address to standard output."""
    async with ReplayServer(path, host=host, port=port, speed=speed) as replay:
        sys.stdout.write(f"simulator listening on {host}:{replay.port}\n")
        sys.stdout.flush()
        await until.wait()


def _note(text: str) -> None:
    sys.stderr.write(text + "\n")
