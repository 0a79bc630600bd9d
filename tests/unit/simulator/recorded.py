"""An in-memory world whose clients' sessions are recorded as the wire log records sockets."""

from __future__ import annotations

import json
from typing import Any

from tests.support.wire_recount import Line
from tests.unit.simulator.in_memory import Frame, InMemoryClient, InMemoryTws
from tws_simulator.control.dispatch import dispatch
from tws_simulator.holdings import holding_of
from tws_simulator.session import Phase, Session
from tws_simulator.wire.frames import split_fields
from tws_simulator.wire_log import WireLog

#: Newest version the recorded sessions speak.
SERVER_VERSION = 200


class RecordedTws(InMemoryTws):
    """Hold a world, its clients, and a wire log of all they send and receive."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.lines: list[Line] = []
        self.clients: list[RecordedClient] = []
        self.log = WireLog("run", self._written, lambda: None)
        accounts = self.world.accounts
        for held in accounts.positions():
            self.log.note_fact(holding_of(held, "start", self.now, "run").as_fields())
        accounts.listen_first(
            lambda held, now: self.log.note_fact(holding_of(held, "change", now, "run").as_fields())
        )

    def recorded(self, client_id: int, version: int = 178) -> RecordedClient:
        """Connect a client and let it ask to start."""
        client = RecordedClient(self)
        self.clients.append(client)
        versions = f"v157..{version}".encode()
        client.raw(b"API\0" + len(versions).to_bytes(4, "big") + versions)
        client.send(71, 2, client_id, "")
        return client

    def control(self, **command: object) -> dict[str, object]:
        """Give a command, as the control port would."""
        answer: dict[str, object] = json.loads(
            dispatch(json.dumps(command).encode(), self.world, self, self.now)
        )
        return answer

    def drop_clients(self) -> None:
        """Cut all connections."""
        for client in self.clients:
            client.session.lost(self.now, "simulator")

    def refuse_clients(self, seconds: float) -> None:
        """Cut all connections; tests connect when they like."""
        self.drop_clients()

    def restart(self, seconds: float) -> None:
        """End all conversations; tests connect when they like."""
        self.drop_clients()

    def open_port(self, port: int) -> int:
        """Listen nowhere: there are no sockets."""
        return port or 7777

    def leave_port(self, *, drop: bool) -> None:
        """End all conversations, where connections are to be dropped."""
        if drop:
            self.drop_clients()

    def record(self) -> list[Line]:
        """Take the lines of the log since the last time."""
        self.log.settle()
        self.log.flush()
        lines, self.lines = self.lines, []
        return lines

    def _written(self, lines: bytes) -> None:
        self.lines += [json.loads(line) for line in lines.splitlines()]


class RecordedClient(InMemoryClient):
    """Speak frames to a session that is recorded."""

    def __init__(self, tws: RecordedTws) -> None:
        super().__init__(tws)
        config = tws.config
        self.session = Session(
            tws.world, SERVER_VERSION, config.messages_per_s, reject_fast=config.reject_fast
        )
        self._tap = tws.log.tap(self.session.client, lambda: tws.now, self._collect)
        self.session.tap = self._tap
        self.session.client.on_output = self._tap.expect
        self._heard: list[Frame] = []

    @property
    def here(self) -> bool:
        """Return True where the conversation goes on."""
        return self.session.phase is not Phase.CLOSED

    def read(self, *ids: int) -> list[Frame]:
        """Take what has come, all of it or the messages of some kinds."""
        self._collect()
        heard, self._heard = self._heard, []
        return [f for f in heard if not ids or int(f[0]) in ids]

    def _collect(self) -> None:
        data = b"".join(self.session.client.take_output())
        if data:
            self._tap.sent(data)
            self._reader.feed(data)
            self._heard += [split_fields(body) for body in self._reader.bodies()]
