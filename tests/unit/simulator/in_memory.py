"""A client and a world without sockets: frames in, frames out, time by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tws_simulator.book.file import Portfolio
from tws_simulator.build import build_world
from tws_simulator.config import SimulatorConfig
from tws_simulator.instruments.contract import Contract
from tws_simulator.services.market_data.ledger import LedgerEvent
from tws_simulator.session import Session
from tws_simulator.wire.frames import FrameReader, frame, split_fields
from tws_simulator.world import World

#: A Tuesday, 15:00 UTC, 10:00 in New York: inside a US session.
TUESDAY = 1_794_322_800.0
#: Longer than any snapshot takes in an open market, and than any first tick, seconds.
SOON_S = 0.5

Frame = list[str]


class InMemoryTws:
    """Hold a world and its clock."""

    def __init__(
        self, now: float = TUESDAY, portfolio: Portfolio | None = None, **options: Any
    ) -> None:
        self.config = replace(SimulatorConfig(positions=20), **options)
        self.now = now
        self.events: list[LedgerEvent] = []
        self.world: World = build_world(
            self.config, portfolio, now, lambda event: self.events.append(event), "run"
        )

    def client(self, client_id: int = 1, version: int = 178) -> InMemoryClient:
        """Connect a client and let it start; its welcome is read away."""
        client = InMemoryClient(self)
        client.greet(version)
        client.send(71, 2, client_id, "")
        client.read()
        return client

    def wait(self, seconds: float) -> None:
        """Let time pass; everything planned happens when it is due."""
        until = self.now + seconds
        while (due := self.world.scheduler.next_due) is not None and due <= until:
            self.now = max(self.now, due)
            self.world.scheduler.run(self.now)
        self.now = until

    def held(self, kind: str) -> Contract:
        """Return a contract of a type that the book holds."""
        return next(
            p.contract for p in self.world.accounts.positions() if p.contract.sec_type == kind
        )

    def spot(self, symbol: str) -> Contract:
        """Return the stock or index of a symbol."""
        spot = self.world.universe.spot(symbol)
        assert spot is not None
        return spot


class InMemoryClient:
    """Speak frames to a session."""

    def __init__(self, tws: InMemoryTws) -> None:
        self.tws = tws
        config = tws.config
        self.session = Session(
            tws.world,
            config.server_version,
            config.messages_per_s,
            reject_fast=config.reject_fast,
        )
        self._reader = FrameReader()

    def greet(self, version: int = 178) -> Frame:
        """Send the greeting; return its answer."""
        versions = f"v157..{version}".encode()
        self.raw(b"API\0" + len(versions).to_bytes(4, "big") + versions)
        return self.read()[0]

    def raw(self, data: bytes) -> None:
        """Send bytes."""
        self.session.receive(data, self.tws.now)

    def send(self, *fields: object) -> None:
        """Send one request."""
        self.raw(frame(*fields))

    def read(self, *ids: int) -> list[Frame]:
        """Take what has come, all of it or the messages of some kinds."""
        self._reader.feed(b"".join(self.session.client.take_output()))
        frames = [split_fields(body) for body in self._reader.bodies()]
        return [f for f in frames if not ids or int(f[0]) in ids]

    def ask(self, *fields: object) -> list[Frame]:
        """Send one request and take what comes at once."""
        self.send(*fields)
        return self.read()

    def errors(self) -> list[tuple[int, int]]:
        """Take what has come; return id and code of the errors in it."""
        return [(int(f[2]), int(f[3])) for f in self.read(4)]

    def market_data(
        self,
        req_id: int,
        contract: Contract,
        *,
        snapshot: bool = False,
        generic_ticks: str = "",
        exchange: str | None = None,
    ) -> None:
        """Ask for market data of a contract, by its id."""
        where = contract.exchange if exchange is None else exchange
        self.send(*market_data_fields(req_id, by_id(contract.con_id, where), snapshot,
                                      generic_ticks))  # fmt: skip

    def leave(self) -> None:
        """Lose the connection."""
        self.session.lost(self.tws.now)


def by_id(con_id: int, exchange: str = "") -> tuple[object, ...]:
    """Name a contract by its id alone."""
    return (con_id, "", "", "", 0.0, "", "", exchange, "", "", "", "")


def by_name(symbol: str, sec_type: str, exchange: str = "", **others: object) -> tuple[object, ...]:
    """Name a contract by its description."""
    return (
        0, symbol, sec_type, others.get("expiry", ""), others.get("strike", 0.0),
        others.get("right", ""), "", exchange, "", others.get("currency", "USD"), "", "",
    )  # fmt: skip


def market_data_fields(
    req_id: int, contract: Sequence[object], snapshot: bool = False, generic_ticks: str = ""
) -> tuple[object, ...]:
    """Spell a market data request as ib_async does."""
    return (1, 11, req_id, *contract, 0, generic_ticks, int(snapshot), 0, "")
