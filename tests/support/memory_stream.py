"""A landing stream in memory: the same port as `bus.landing_stream.LandingStream`."""

from __future__ import annotations

import pyarrow as pa

from slotwise.landing import Entry, Head, Offset


class MemoryStream:
    """Keep entries in order; `history` remembers them all, also what was dropped."""

    def __init__(self) -> None:
        self.history: list[Entry] = []
        self._entries: list[Entry] = []
        self._newest: Offset = 0

    def append(self, head: Head, rows: pa.RecordBatch | None = None) -> Offset:
        self._newest += 1
        entry = Entry(self._newest, head, rows)
        self._entries.append(entry)
        self.history.append(entry)
        return self._newest

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
        if clock_behind:
            self._newest = 0
