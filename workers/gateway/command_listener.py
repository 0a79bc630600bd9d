"""CommandListener: commands from Redis to the event loop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec
import structlog

from slotwise.bus.commands import Command, Commands
from slotwise.errors import BusError

log = structlog.get_logger(__name__)

#: One wait for commands, milliseconds; the end of the process waits this long at most.
WAIT_MS = 500
#: Wait between tries while Redis is away, seconds.
RETRY_S = 0.5


class CommandListener:
    """Receive commands in a thread.

    Commands sent after `start` returned are received. After each gap, when Redis was away, one call
    of `on_gap` stands for whatever was missed; nothing is received twice.
    """

    def __init__(
        self,
        commands: Commands,
        on_command: Callable[[Command], None],
        on_gap: Callable[[], None],
    ) -> None:
        self._commands = commands
        self._on_command = on_command
        self._on_gap = on_gap
        self._place = ""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="commands", daemon=True)

    def start(self) -> None:
        """Begin to listen; blocks on Redis, raises BusError."""
        self._place = self._commands.newest()
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._thread.join(WAIT_MS / 1000 + RETRY_S)

    def _run(self) -> None:
        gap = False
        while not self._closing.is_set():
            try:
                if gap:
                    self._place = self._commands.newest()
                    self._on_gap()
                    gap = False
                self._place, received = self._commands.receive(self._place, WAIT_MS)
            except (BusError, msgspec.MsgspecError) as error:
                log.warning("commands interrupted", reason=str(error))
                gap = True
                self._closing.wait(RETRY_S)
                continue
            except (ValueError, AttributeError):
                # The end does not wait for a Redis that hangs: the connection is closed under this
                # read, which redis-py does not expect.
                if not self._closing.is_set():
                    raise
                return
            for command in received:
                self._on_command(command)
