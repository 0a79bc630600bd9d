"""A connection that sends commands as JSON lines, to a simulator or to a bare client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import TracebackType

from slotwise.errors import SlotwiseError

#: A command is answered within this, seconds; the machine may be busy.
ANSWER_S = 30.0
#: Try again to connect after this, seconds.
RETRY_S = 0.05


class ControlLink:
    """Send one command at a time, and wait for its answer."""

    def __init__(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._name = name
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()

    @classmethod
    async def open(
        cls, name: str, port: int, timeout_s: float, check: Callable[[], None] = lambda: None
    ) -> ControlLink:
        """Connect as soon as the port is open; raises SlotwiseError when it is not in time.

        `check` is called while it is not open yet, and raises where it never will be.
        """
        loop = asyncio.get_running_loop()
        end_at = loop.time() + timeout_s
        while True:
            try:
                return cls(name, *await asyncio.open_connection("127.0.0.1", port))
            except OSError as error:
                if loop.time() > end_at:
                    raise SlotwiseError(f"{name} does not listen on its control port") from error
            check()
            await asyncio.sleep(RETRY_S)

    async def __aenter__(self) -> ControlLink:
        """Use it for a block."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._writer.close()

    async def send(self, **command: object) -> None:
        """Send a command; raises SlotwiseError where it is refused or not answered."""
        async with self._turn:
            self._writer.write(json.dumps(command).encode() + b"\n")
            try:
                answer = await asyncio.wait_for(self._reader.readline(), ANSWER_S)
            except (OSError, TimeoutError) as error:
                raise SlotwiseError(f"{self._name} does not answer {command['do']}") from error
        if not answer:
            raise SlotwiseError(f"{self._name} ended before it answered {command['do']}")
        if not json.loads(answer)["ok"]:
            raise SlotwiseError(f"{self._name} refuses {command}: {answer.decode().strip()}")
