"""Contract ids: the same contract has the same id in every run."""

from __future__ import annotations

import zlib

#: Ids that are made up lie in [FIRST, FIRST + SPAN), above those of the stocks we know.
FIRST = 500_000_000
SPAN = 400_000_000


class ConIds:
    """Give out ids that derive from a contract's name and never clash."""

    def __init__(self) -> None:
        self._taken: dict[int, str] = {}

    def take(self, con_id: int, name: str) -> bool:
        """Reserve a known id; False when another contract has it."""
        return self._taken.setdefault(con_id, name) == name

    def of(self, name: str) -> int:
        """Return the id of a name; the next free one where two names collide."""
        con_id = FIRST + zlib.crc32(name.encode()) % SPAN
        while not self.take(con_id, name):
            con_id = FIRST + (con_id - FIRST + 1) % SPAN
        return con_id
