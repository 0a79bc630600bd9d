"""Write the conversation with TWS into a file, without what is private, on a thread of its own.

The connection hands over bytes and goes on; the thread cuts them into messages, replaces what is
private, and writes. A full file becomes `FILE.1`, the one before it `FILE.2`, and so on; the oldest
is deleted. Each file begins with the recording's header.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal, Protocol, TypeAlias

import structlog

from slotwise.errors import InputError
from slotwise.wire.frame import FORMAT, Closed, Direction, Frame, Header, Line, Lost, Opened
from slotwise.wire.recording import write_line
from slotwise.wire.replacer import Replacer
from slotwise.wire.splitter import Splitter, fields_of

log = structlog.get_logger(__name__)

#: A file is full at this size, bytes: about 700,000 ticks.
FILE_SIZE: Final = 64 * 1024 * 1024
#: Full files that are kept beside the one that is written.
FULL_FILES: Final = 3
#: Pieces that wait for the thread at most; what comes beyond is counted and left out.
MOST_WAITING: Final = 20_000
#: The thread writes what has come this often, seconds.
WRITE_S: Final = 0.2

#: What happened: when, on which connection, what, and its bytes.
Piece: TypeAlias = tuple[float, int, Literal["opened", "closed", "client", "tws"], bytes]


class Tap(Protocol):
    """Takes what passes one connection. Calls come on the event loop and must not block."""

    def sent(self, body: bytes) -> None:
        """Take a message that is sent, without its length."""
        ...

    def received(self, data: bytes) -> None:
        """Take bytes that have arrived."""
        ...

    def closed(self) -> None:
        """Take the end of the connection."""
        ...


class WireTap:
    """Hand over what passes one connection to the thread that writes."""

    def __init__(self, connection: int, put: Callable[[Piece], None]) -> None:
        self._connection = connection
        self._put = put
        self._say("opened")

    def sent(self, body: bytes) -> None:
        """Take a message that is sent, without its length."""
        self._say("client", body)

    def received(self, data: bytes) -> None:
        """Take bytes that have arrived."""
        self._say("tws", data)

    def closed(self) -> None:
        """Take the end of the connection."""
        self._say("closed")

    def _say(self, what: Literal["opened", "closed", "client", "tws"], data: bytes = b"") -> None:
        self._put((time.monotonic(), self._connection, what, data))


class WireLog:
    """Own the files of a recording; raises InputError where the first cannot be opened."""

    def __init__(
        self,
        path: Path,
        names: Iterable[str] = (),
        *,
        recorder: str = "slotwise",
        file_size: int = FILE_SIZE,
        most_waiting: int = MOST_WAITING,
        write_s: float = WRITE_S,
    ) -> None:
        self._path = path
        self._file_size = file_size
        self._most_waiting = most_waiting
        self._replacer = Replacer(names)
        self._began = time.monotonic()
        self._header = Header(FORMAT, datetime.now(UTC).isoformat(), recorder)
        self._waiting: deque[Piece] = deque()
        self._write_s = write_s
        #: Pieces left out, counted by the loop; of these, noted in the file by the thread.
        self._left_out = self._left_out_noted = 0
        self._connections = 0
        self._splitters: dict[int, Splitter] = {}
        self._greeted: set[tuple[int, Direction]] = set()
        self._stopping = threading.Event()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # A recording of an earlier start is kept as a full one.
            if path.exists() and path.stat().st_size:
                self._shift()
            self._file: BinaryIO | None = self._open()
        except OSError as error:
            raise InputError(
                f"SLOTWISE_WIRE_LOG: {path} cannot be written ({error.strerror}): name a file in a"
                " folder that this user may write to"
            ) from error
        self._thread = threading.Thread(target=self._run, name="wire log", daemon=True)
        self._thread.start()

    def tap(self) -> WireTap:
        """Return the tap of one more connection."""
        self._connections += 1
        return WireTap(self._connections, self._put)

    @property
    def waiting(self) -> int:
        """Return how many pieces wait for the thread."""
        return len(self._waiting)

    def close(self) -> None:
        """Write what waits, and end."""
        self._stopping.set()
        self._thread.join()
        if self._file is not None:
            self._file.close()

    def _put(self, piece: Piece) -> None:
        if len(self._waiting) < self._most_waiting:
            self._waiting.append(piece)
        else:
            self._left_out += 1

    def _run(self) -> None:
        while not self._stopping.wait(self._write_s):
            self._write_all()
        self._write_all()

    def _write_all(self) -> None:
        """Write what waits; a disk that refuses ends the recording and nothing else."""
        left_out = self._left_out - self._left_out_noted
        self._left_out_noted += left_out
        lines = [line for piece in self._pieces() for line in self._lines(piece)]
        if left_out:
            lines.append(Lost(self._seconds(time.monotonic()), left_out))
            # Where a message begins after a gap is not known.
            self._splitters.clear()
        if not lines or self._file is None:
            return
        try:
            self._file.write(b"".join(map(write_line, lines)))
            self._file.flush()
            if self._file.tell() >= self._file_size:
                self._file.close()
                self._shift()
                self._file = self._open()
        except OSError as error:
            log.error("wire log ended", file=str(self._path), reason=str(error))
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _pieces(self) -> Iterable[Piece]:
        for _ in range(len(self._waiting)):
            yield self._waiting.popleft()

    def _lines(self, piece: Piece) -> Iterable[Line]:
        at, connection, what, data = piece
        t = self._seconds(at)
        match what:
            case "opened":
                yield Opened(t, connection)
            case "closed":
                self._splitters.pop(connection, None)
                yield Closed(t, connection)
            case "client":
                yield self._frame(t, connection, "client", data)
            case "tws":
                for body in self._splitters.setdefault(connection, Splitter()).feed(data):
                    yield self._frame(t, connection, "tws", body)

    def _frame(self, t: float, connection: int, sender: Direction, body: bytes) -> Frame:
        # The first message each way is the handshake.
        handshake = (connection, sender) not in self._greeted
        self._greeted.add((connection, sender))
        return self._replacer.replace(Frame(t, connection, sender, fields_of(body), handshake))

    def _seconds(self, at: float) -> float:
        return round(at - self._began, 6)

    def _open(self) -> BinaryIO:
        # A recording is for its owner to hand on.
        number = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        file = os.fdopen(number, "ab")
        file.write(write_line(self._header))
        file.flush()
        return file

    def _shift(self) -> None:
        """Rename full files to one number more; the oldest is overwritten."""
        for number in range(FULL_FILES - 1, 0, -1):
            older = _full_file(self._path, number)
            if older.exists():
                older.replace(_full_file(self._path, number + 1))
        self._path.replace(_full_file(self._path, 1))


def _full_file(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")
