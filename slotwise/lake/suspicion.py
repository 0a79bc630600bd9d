"""Suspicion: which entry makes landings fail, when nothing about the lake does.

    clear --a landing failed--> half as many entries at once --failed--> a quarter ... --> one
    one entry at once --failed--> that entry is guilty: set aside by its offset
    --landed--> as many again, until the entries of the failed landing are behind

A landing that fails since the lake or Redis refuse is no reason: all entries wait then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from slotwise.rules.landing import Offset

log = structlog.get_logger(__name__)

#: Reasons kept in memory; an entry that is set aside is out of the stream with the next landing.
KEPT = 1000


class Suspicion:
    """How many entries are read at once, and which are set aside whatever they say."""

    def __init__(self, count: int) -> None:
        self._most = count
        #: Entries read at once.
        self.count = count
        self._read: Sequence[Offset] = ()
        #: The last entry of the landing that failed first: behind it all is clear again.
        self._until: Offset = 0
        self._guilty: dict[Offset, str] = {}

    @property
    def is_on(self) -> bool:
        """Return True while a landing reads no more than `count` entries in all."""
        return self._until > 0

    @property
    def guilty(self) -> Mapping[Offset, str]:
        """Return the reason by the offset of each entry to set aside."""
        return self._guilty

    def reads(self, offsets: Sequence[Offset]) -> None:
        """Note what the coming landing has read last."""
        self._read = offsets or self._read

    def failed(self, error: Exception) -> None:
        """Note that a landing failed, and not for the lake's sake."""
        reason = f"{type(error).__name__}: {error}"
        if self._read:
            self._until = max(self._until, self._read[-1])
        if self.count > 1:
            self.count = max(self.count // 2, 1)
            log.warning("landing failed, trying fewer", entries=self.count, reason=reason)
        elif self._read:
            while len(self._guilty) >= KEPT:
                del self._guilty[next(iter(self._guilty))]
            self._guilty[self._read[-1]] = f"a landing failed with it: {reason}"
            log.error("entry set aside", entry=self._read[-1], reason=reason)

    def landed(self) -> None:
        """Note that a landing was committed."""
        if self._read and self._read[-1] >= self._until:
            self.count, self._until = self._most, 0
