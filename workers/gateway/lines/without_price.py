"""Contracts in the rotation that were asked for and gave no price, and when they began to.

Rules:
* A contract is without a price from the first request that brought none until one does.
* What was given up for another reason (a closed market, another session that has the data) says
  nothing about the contract, and is not noted here.

Pure, and reads no clock: times are seconds of any steady clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence

#: Beginnings that are remembered: an outage of a farm is felt by a few of them.
KEPT = 10


class WithoutPrice:
    """The contracts that give no price."""

    def __init__(self) -> None:
        self.con_ids: set[int] = set()
        self._began: deque[float] = deque(maxlen=KEPT)

    @property
    def began(self) -> Sequence[float]:
        """Return when the last contracts gave no price for the first time."""
        return tuple(self._began)

    def gave_none(self, con_id: int, now: float) -> None:
        """Note that a request brought no price."""
        if con_id not in self.con_ids:
            self.con_ids.add(con_id)
            self._began.append(now)

    def gave_one(self, con_id: int) -> None:
        """Note a price."""
        self.con_ids.discard(con_id)

    def keep(self, con_ids: Collection[int]) -> None:
        """Remove every other contract."""
        self.con_ids.intersection_update(con_ids)
