"""Access to the simulator beside Slotwise: its control port, and a client of the test's own."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

#: An answer of the simulator takes milliseconds; a stopped one does not answer, seconds.
ANSWER_S = 5.0
#: A protocol version that every field below is read from.
VERSION = 176
#: A client id that no gateway uses.
CLIENT_ID = 901
START, POSITIONS = "71", "61"
POSITION, POSITION_END = "61", "62"


class OutsideError(Exception):
    """The simulator does not answer now."""


class Held(msgspec.Struct, frozen=True, order=True):
    """One position as the simulator sends it."""

    account: str
    con_id: int
    quantity: Decimal
    avg_cost: Decimal
    symbol: str
    sec_type: str
    expiry: str
    strike: float
    right: str


def give(port: int, **command: object) -> dict[str, Any]:
    """Give the simulator a command; raises OutsideError where it does not do it."""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_S) as connection:
            connection.sendall(json.dumps(command).encode() + b"\n")
            answer: dict[str, Any] = json.loads(connection.makefile("rb").readline())
    except (OSError, ValueError) as error:
        raise OutsideError(f"the simulator does not answer {command}: {error}") from error
    if not answer.get("ok"):
        raise OutsideError(f"the simulator refuses {command}: {answer}")
    return answer


def ask_positions(port: int) -> list[Held]:
    """Ask for all positions as any client may, without a library; raises OutsideError."""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_S) as connection:
            frames = _frames(connection)
            connection.sendall(b"API\0" + _framed(f"v{VERSION}..{VERSION}".encode()))
            next(frames)
            connection.sendall(_message(START, "2", str(CLIENT_ID), ""))
            connection.sendall(_message(POSITIONS, "1"))
            held: list[Held] = []
            for fields in frames:
                if fields[0] == POSITION_END:
                    return held
                if fields[0] == POSITION:
                    held.append(_held(fields))
    except (OSError, ValueError, IndexError, ArithmeticError) as error:
        raise OutsideError(f"the simulator tells no positions: {error}") from error
    raise OutsideError("the simulator tells no positions: it hung up")


def _held(fields: list[str]) -> Held:
    _, _, account, con_id, symbol, sec_type, expiry, strike, right = fields[:9]
    quantity, cost = Decimal(fields[14]), Decimal(fields[15])
    return Held(
        account, int(con_id), quantity, cost, symbol, sec_type, expiry, float(strike or 0), right
    )


def _message(*fields: str) -> bytes:
    return _framed("".join(f"{field}\0" for field in fields).encode())


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def _frames(connection: socket.socket) -> Iterator[list[str]]:
    stream = connection.makefile("rb")
    while len(head := stream.read(4)) == 4:
        yield stream.read(int.from_bytes(head, "big")).decode().split("\0")[:-1]


def call_redis(port: int, command: str) -> None:
    """Give Redis a command; raises OutsideError where it does not answer or refuses."""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_S) as connection:
            connection.settimeout(ANSWER_S)
            connection.sendall(f"{command}\r\n".encode())
            answer = connection.recv(100)
    except OSError as error:
        raise OutsideError(f"Redis does not answer: {error}") from error
    if not answer.startswith((b"+OK", b":")):
        raise OutsideError(f"Redis refuses {command}: {answer!r}")


def wipe_redis(port: int) -> None:
    """Empty Redis; raises OutsideError where it does not answer."""
    call_redis(port, "FLUSHALL")
