"""Read and write the lines of a recording. Pure: lines in, lines out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from slotwise.errors import InputError
from slotwise.wire.frame import FORMAT, Frame, Header, Line

_decode = msgspec.json.Decoder(Line).decode
_encode = msgspec.json.Encoder().encode


class Recording(msgspec.Struct, frozen=True):
    """A whole recording: its header, and each line with its number."""

    header: Header
    lines: tuple[tuple[int, Line], ...]

    def frames(self) -> Iterator[tuple[int, Frame]]:
        """Return the frames with their line numbers."""
        return ((number, line) for number, line in self.lines if isinstance(line, Frame))


def write_line(line: Line) -> bytes:
    """Return a line as JSON, with its end."""
    return _encode(line) + b"\n"


def read_recording(lines: Iterable[bytes], name: str) -> Recording:
    """Read a recording; raises InputError that names the line that is wrong.

    A last line without its end, as a process that was killed leaves it, is left out.
    """
    header: Header | None = None
    found: list[tuple[int, Line]] = []
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            line = _decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if not raw.endswith(b"\n"):
                break
            raise InputError(f"{name}, line {number}: no line of a recording ({error})") from error
        if isinstance(line, Header):
            if line.version > FORMAT:
                raise InputError(
                    f"{name}: the recording has format {line.version}, this Slotwise reads up to"
                    f" {FORMAT}: upgrade it"
                )
            header = header or line
        elif header is None:
            raise InputError(f"{name} is no recording: its first line has to be its header")
        else:
            found.append((number, line))
    if header is None:
        raise InputError(f"{name} is no recording: it is empty")
    return Recording(header, tuple(found))
