"""Three clients' own encoders of requests about orders, without their sockets.

Each gives the fields after the length, as it would send them at a server version.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ib_async
import ib_async.client
import ib_insync
import ib_insync.client
from ibapi.client import EClient

from tests.support.official_client import Recorder
from tws_simulator.wire.fields import Fields
from tws_simulator.wire.frames import PREFIX_BYTES, split_fields


class _Pipe:
    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendMsg(self, data: bytes) -> None:
        self.sent.append(data)

    def isConnected(self) -> bool:
        return True


class _AsyncClient(ib_async.client.Client):
    def __init__(self, version: int) -> None:
        self.messages: list[str] = []
        super().__init__(None)  # type: ignore[no-untyped-call]  # the library types none of it
        self.connState = self.CONNECTED
        self._serverVersion = version

    def sendMsg(self, msg: str) -> None:
        self.messages.append(msg)


class _InsyncClient(ib_insync.client.Client):
    def __init__(self, version: int) -> None:
        self.messages: list[str] = []
        super().__init__(None)  # type: ignore[no-untyped-call]  # the library types none of it
        self.connState = self.CONNECTED
        self._serverVersion = version

    def sendMsg(self, msg: str) -> None:
        self.messages.append(msg)


def from_official(version: int, ask: Callable[[Any], None]) -> Fields:
    """Let IB's own client encode one request; it fails if the client refuses it."""
    recorder = Recorder()
    client = EClient(recorder)
    pipe = _Pipe()
    client.conn = pipe
    client.connState = EClient.CONNECTED
    client.serverVersion_ = version
    ask(client)
    assert recorder.of("error") == []
    [sent] = pipe.sent
    return Fields(split_fields(sent[PREFIX_BYTES:]), 1, version)


def from_ib_async(version: int, ask: Callable[[Any], None]) -> Fields:
    """Let ib_async encode one request."""
    client = _AsyncClient(version)
    ask(client)
    [message] = client.messages
    return Fields(split_fields(message.encode()), 1, version)


def from_ib_insync(version: int, ask: Callable[[Any], None]) -> Fields:
    """Let ib_insync encode one request."""
    client = _InsyncClient(version)
    ask(client)
    [message] = client.messages
    return Fields(split_fields(message.encode()), 1, version)
