"""How many snapshots TWS opens in one second of the wall clock, for all clients together."""

from __future__ import annotations

from tws_simulator.services.common.resolve import Refused
from tws_simulator.wire.ids import ErrorCode

#: Snapshots that may be asked for in one second.
SNAPSHOTS_PER_S = 100


class SnapshotRate:
    """Count the snapshots of the second that runs; the count starts again with each second."""

    def __init__(self) -> None:
        self._second = 0
        self._taken = 0

    def take(self, now: float) -> None:
        """Count a snapshot; raises Refused where the second is full."""
        if int(now) != self._second:
            self._second, self._taken = int(now), 0
        if self._taken >= SNAPSHOTS_PER_S:
            raise Refused(
                ErrorCode.VALIDATING,
                f"Snapshot requests limitation exceeded:{SNAPSHOTS_PER_S} per 1 second(s)",
            )
        self._taken += 1
