"""IB's own client, without its socket: what it sends goes to a session, what it receives is noted.

It decodes by server version, so it is an independent witness of every layout.
"""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import Any

from ibapi.client import EClient
from ibapi.comm import read_fields, read_msg
from ibapi.contract import Contract as OfficialContract
from ibapi.decoder import Decoder
from ibapi.order import Order
from ibapi.wrapper import EWrapper

from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws


class Recorder(EWrapper):  # type: ignore[misc]  # ibapi ships no types: its base is Any
    """Note every call, by the name of the callback."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, tuple[Any, ...]]] = []

    def of(self, name: str) -> list[tuple[Any, ...]]:
        """List the arguments of every call of one callback."""
        return [args for called, args in self.heard if called == name]


def _noting(name: str, original: Any) -> Any:
    # The decoder reads the signature of some callbacks, so it has to stay visible.
    @functools.wraps(original)
    def note(self: Recorder, *args: Any) -> None:
        self.heard.append((name, args))

    return note


for _name in dir(EWrapper):
    if not _name.startswith("_") and callable(getattr(EWrapper, _name)) and "ProtoBuf" not in _name:
        setattr(Recorder, _name, _noting(_name, getattr(EWrapper, _name)))


class _Pipe:
    """Stand where the client expects its socket."""

    def __init__(self, peer: InMemoryClient) -> None:
        self.peer = peer

    def sendMsg(self, data: bytes) -> None:
        self.peer.raw(data)

    def isConnected(self) -> bool:
        return True


class OfficialClient:
    """Speak with IB's client to a session in memory, at one server version."""

    def __init__(self, tws: InMemoryTws, client_id: int = 1) -> None:
        self.tws = tws
        self.recorder = Recorder()
        self.requests = EClient(self.recorder)
        self.peer = InMemoryClient(tws)
        greeting = self.peer.greet(226)
        self.version = int(greeting[0])
        self.requests.conn = _Pipe(self.peer)
        self.requests.connState = EClient.CONNECTED
        self.requests.serverVersion_ = self.version
        self.requests.decoder = Decoder(self.recorder, self.version)
        self.requests.clientId = client_id
        self.requests.startApi()
        self.listen()

    def listen(self, seconds: float = 0.0) -> Recorder:
        """Let time pass, and decode what has come."""
        self.tws.wait(seconds)
        data = b"".join(self.peer.session.client.take_output())
        while data:
            size, text, data = read_msg(data)
            assert size
            fields = read_fields(text)
            self.requests.decoder.interpret(fields[1:], int(fields[0]))
        return self.recorder


def official(con_id: int = 0, **fields: Any) -> OfficialContract:
    """Make a contract of theirs."""
    contract = OfficialContract()
    contract.conId = con_id
    for name, value in fields.items():
        setattr(contract, name, value)
    return contract


def an_order(action: str, quantity: object, kind: str = "MKT", **fields: Any) -> Order:
    """Make an order of theirs."""
    made = Order()
    made.action, made.totalQuantity, made.orderType = action, Decimal(str(quantity)), kind
    # Deprecated since 10.x: TWS refuses orders that carry them.
    made.eTradeOnly = made.firmQuoteOnly = False
    for name, value in fields.items():
        setattr(made, name, value)
    return made
