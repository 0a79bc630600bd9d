"""A landing stream in memory: the same port as `bus.landing_stream.LandingStream`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pyarrow as pa

from slotwise.bus.landing_stream import Kept
from slotwise.lake.arrow import from_bytes
from slotwise.rules.landing import Entry, Head, Offset, Origin


class MemoryStream:
    """Keep entries in order; `history` remembers them all, also what was dropped."""

    def __init__(self) -> None:
        self.history: list[Entry] = []
        self._entries: list[Entry] = []
        self._newest: Offset = 0
        self._here: dict[str, int] = {}
        self._landed: dict[str, int] = {}

    def append(
        self, head: Head, rows: pa.RecordBatch | None = None, origin: Origin | None = None
    ) -> Offset:
        self._newest += 1
        entry = Entry(self._newest, head, rows, origin)
        self._entries.append(entry)
        self.history.append(entry)
        return self._newest

    def append_kept(self, kept: Kept, spool: str) -> int:
        last = self._here.get(spool, 0)
        if kept.number <= last or kept.before > last:
            return last
        rows = None if kept.rows is None else from_bytes(kept.rows)
        head = msgspec.msgpack.decode(kept.head, type=Head)
        self.append(head, rows, Origin(spool, kept.number))
        self._here[spool] = kept.number
        return kept.number

    def progress(self, spool: str) -> tuple[int, int]:
        return self._landed.get(spool, 0), self._here.get(spool, 0)

    def report_landed(self, upto: Mapping[str, int]) -> None:
        self._landed.update(upto)

    def read(self, after: Offset, count: int) -> list[Entry]:
        return [entry for entry in self._entries if entry.offset > after][:count]

    def drop(self, upto: Offset) -> None:
        self._entries = [entry for entry in self._entries if entry.offset > upto]

    def length(self) -> int:
        return len(self._entries)

    def never_below(self, offset: Offset) -> None:
        self._newest = max(self._newest, offset)

    def wipe(self, *, clock_behind: bool = False) -> None:
        """Lose everything, as Redis does when it is emptied.

        With its clock behind, new entries would start below what the lake has reached.
        """
        self._entries.clear()
        self._here.clear()
        self._landed.clear()
        if clock_behind:
            self._newest = 0
