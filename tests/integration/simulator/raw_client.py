"""A client that is nothing but a socket."""

from __future__ import annotations

import socket

from tests.integration.simulator.simulator_process import TIMEOUT_S
from tws_simulator.wire.frames import FrameReader, frame, split_fields

SPY = (756733, "", "", "", 0.0, "", "", "SMART", "", "", "", "")


class RawClient:
    """Speak to a simulator with nothing but a socket."""

    def __init__(self, port: int, client_id: int = 1) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self._reader = FrameReader()
        self._socket.sendall(b"API\0\0\0\0\x09v157..178")
        self.send(71, 2, client_id, "")
        self.wait_for("9")

    def send(self, *fields: object) -> None:
        """Send a request."""
        self._socket.sendall(frame(*fields))

    def wait_for(self, kind: str) -> list[str]:
        """Read until a message of a kind comes."""
        while True:
            for body in self._reader.bodies():
                fields = split_fields(body)
                if fields[0] == kind:
                    return fields
            data = self._socket.recv(65536)
            assert data, "the simulator closed the connection"
            self._reader.feed(data)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
