"""One line of a recording: a frame of the conversation, or the header before them."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

#: Version of the lines' format; a reader refuses a newer one.
FORMAT = 1
#: Who sent a frame.
Direction: TypeAlias = Literal["client", "tws"]


class Header(msgspec.Struct, frozen=True, tag="recording", tag_field="line"):
    """The first line of each file of a recording."""

    version: int
    #: UTC, ISO 8601: the time of second 0 of the frames.
    began: str
    #: The program that recorded.
    recorder: str


class Frame(msgspec.Struct, frozen=True, tag="frame", tag_field="line"):
    """One message, in the order in which it passed the socket."""

    #: Seconds since the recording began, by a steady clock.
    t: float
    #: Number of the connection, from 1.
    connection: int
    sender: Direction
    #: Text fields between zero bytes. The client's first frame has one field: its versions.
    fields: tuple[str, ...]
    #: True for the two frames of the handshake, which are no messages.
    handshake: bool = False

    @property
    def kind(self) -> int | None:
        """Return the message id; None in the handshake, and where the first field is no number."""
        first = self.fields[0] if self.fields else ""
        return int(first) if not self.handshake and first.isascii() and first.isdigit() else None


class Opened(msgspec.Struct, frozen=True, tag="opened", tag_field="line"):
    """A connection was made."""

    t: float
    connection: int


class Closed(msgspec.Struct, frozen=True, tag="closed", tag_field="line"):
    """A connection ended."""

    t: float
    connection: int


class Lost(msgspec.Struct, frozen=True, tag="lost", tag_field="line"):
    """Frames that the recorder could not keep up with and left out."""

    t: float
    frames: int


Line: TypeAlias = Header | Frame | Opened | Closed | Lost
