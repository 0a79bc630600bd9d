"""SnapshotAge: how old the newest snapshot is, whatever the clocks of gateway and workers say.

Redis stamps a snapshot with its own clock when it is put, and gives the time at each reading, so
one clock computes the age. That clock may be set too. So a reader also keeps, on its own steady
clock, when it saw a snapshot first and when it saw another one last: the age lies between the two.
"""

from __future__ import annotations

from slotwise.position import SnapshotHead


class SnapshotAge:
    """Ages of snapshots as one process sees them. Reads no clock."""

    def __init__(self) -> None:
        self._snapshot_id = ""
        self._first_seen_s = 0.0
        self._other_seen_s: float | None = None
        self._last_seen_s: float | None = None

    def compute(self, head: SnapshotHead, redis_s: float, steady_s: float) -> float:
        """Return the age of a snapshot, seconds, and keep that it was seen.

        `redis_s` is the time of Redis at this reading, `steady_s` that of a steady clock.
        """
        if head.snapshot_id != self._snapshot_id:
            self._other_seen_s = self._last_seen_s
            self._snapshot_id, self._first_seen_s = head.snapshot_id, steady_s
        self._last_seen_s = steady_s
        at_least = steady_s - self._first_seen_s
        # A board of an older version has no stamp: it is as new as it was seen.
        age_s = at_least if head.put_at_s is None else max(redis_s - head.put_at_s, at_least)
        return age_s if self._other_seen_s is None else min(age_s, steady_s - self._other_seen_s)
