"""Which contracts of closed markets are quoted once: last and close still come then.

Rules:
* A contract whose market is closed is quoted once, at the start or after each close, and rests
  until it opens (thetagang #228 and ib_insync #471: last and close come while it is closed).
* One closing is named by when the market opens again.

Pure, and reads no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Set
from datetime import datetime


class Closings:
    """Contracts whose market is closed, and those that were quoted since it closed."""

    def __init__(self) -> None:
        self._quoted: dict[int, datetime] = {}
        self._since: dict[int, datetime] = {}

    @property
    def closed(self) -> Set[int]:
        """Return the contracts that were seen to be closed."""
        return self._quoted.keys()

    @property
    def since(self) -> datetime | None:
        """Return when the last of their markets closed; None where TWS did not name it."""
        return max(self._since.values(), default=None)

    def is_due(self, con_id: int, opens_at: datetime, since: datetime | None) -> bool:
        """Return True once for each closing of a contract's market."""
        if since is not None:
            self._since[con_id] = since
        if self._quoted.get(con_id) == opens_at:
            return False
        self._quoted[con_id] = opens_at
        return True

    def opened(self, con_id: int) -> None:
        """Remove a contract: its market is open."""
        self._quoted.pop(con_id, None)
        self._since.pop(con_id, None)

    def keep(self, con_ids: Collection[int]) -> None:
        """Remove every other contract."""
        for known in (self._quoted, self._since):
            for con_id in [one for one in known if one not in con_ids]:
                del known[con_id]
