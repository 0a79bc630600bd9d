"""Bytes that no TWS should send, for clients that must survive them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from tws_simulator.wire.frames import MAX_FRAME_BYTES, PREFIX_BYTES, frame
from tws_simulator.wire.ids import Reply

#: Most fields, and longest field in bytes, of a frame of noise.
MAX_FIELDS, MAX_FIELD_BYTES = 24, 40
#: No TWS sends a message with an id from this on, in text: from 200 on come those in binary.
FIRST_UNKNOWN_ID, LAST_UNKNOWN_ID = 150, 199


def noise(random: Random) -> bytes:
    """Make a frame of random fields, printable and not."""
    fields = (
        bytes(random.randrange(1, 256) for _ in range(random.randrange(MAX_FIELD_BYTES)))
        for _ in range(random.randint(1, MAX_FIELDS))
    )
    return framed(b"\0".join(fields) + b"\0")


def unknown_id(random: Random) -> bytes:
    """Make a message of a kind that does not exist."""
    return frame(random.randint(FIRST_UNKNOWN_ID, LAST_UNKNOWN_ID), 1, "?")


def wrong_count(random: Random) -> bytes:
    """Make a position with too few fields or too many."""
    fields = _row()
    wrong = fields[: random.randint(2, len(fields) - 1)]
    return frame(*random.choice((wrong, [*fields, "surplus", ""])))


def no_number(random: Random) -> bytes:
    """Make a position whose quantity is a word."""
    fields = _row()
    fields[14] = random.choice(("", "many", "1,000", "0x10", "--1"))
    return frame(*fields)


def absurd_length(random: Random) -> bytes:
    """Make the head of a frame that is longer than any frame may be, and a little of it."""
    length = random.randint(MAX_FRAME_BYTES + 1, 2**32 - 1)
    return length.to_bytes(PREFIX_BYTES, "big") + b"61\0"


def cut(whole: bytes, random: Random) -> bytes:
    """Cut a frame anywhere but at its ends."""
    return whole[: random.randint(1, len(whole) - 1)]


def framed(body: bytes) -> bytes:
    """Put a length before a body of any bytes."""
    return len(body).to_bytes(PREFIX_BYTES, "big") + body


def _row() -> list[object]:
    return [
        int(Reply.POSITION), 3, "DU0", 1, "NONE", "STK", "", 0.0, "", "", "NYSE", "USD", "NONE",
        "NONE", "1", 1.0,
    ]  # fmt: skip


#: By name.
GARBAGE: Mapping[str, Callable[[Random], bytes]] = {
    "noise": noise,
    "unknown_id": unknown_id,
    "wrong_count": wrong_count,
    "no_number": no_number,
    "absurd_length": absurd_length,
}
