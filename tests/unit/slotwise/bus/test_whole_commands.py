"""Commands are packed as redis-py packs them, in one piece."""

from __future__ import annotations

from typing import Any

import pytest
from redis._parsers import Encoder
from redis.connection import PythonRespSerializer

from slotwise.bus.client import Bus
from slotwise.bus.whole_commands import WholeCommands

_encoder: Any = Encoder
ENCODE = _encoder("utf-8", "strict", False).encode


@pytest.mark.parametrize(
    "command",
    [
        ("PING",),
        ("CONFIG GET", "save"),
        (b"CONFIG GET", b"save"),
        ("SET", "key", b"\x00\xff\r\n", "EX", 5),
        ("ZADD", "key", 1.5, "é"),
        ("SET", "key", memoryview(b"viewed")),
        ("SET", "key", b"x" * 100_000),
        ("HSET", "key", *[f"{n}" for n in range(5000)]),
    ],
)
def test_a_command_is_the_bytes_of_redis_py_in_one_piece(command: tuple[Any, ...]) -> None:
    theirs: Any = PythonRespSerializer
    expected = b"".join(theirs(6000, ENCODE).pack(*command))
    assert WholeCommands(ENCODE).pack(*command) == [expected]


def test_an_argument_that_redis_has_no_form_for_is_refused() -> None:
    with pytest.raises(Exception, match="NoneType"):
        WholeCommands(ENCODE).pack("SET", "key", None)  # type: ignore[arg-type]  # what is tried


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "rediss://127.0.0.1:1", "unix:///r.sock"])
def test_our_connections_send_commands_whole(url: str) -> None:
    connection = Bus(url).redis.connection_pool.make_connection()
    assert len(connection.pack_command("SET", "key", b"x" * 100_000, "EX", 1)) == 1
