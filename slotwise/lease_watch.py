"""LeaseWatch: which leases have run out, on a clock that is never set.

A lease's time in the lake is by the wall clock of the lake worker that gave it, and only shows.
Each lake worker counts from when it saw the lease first: one it gave itself from then on, one that
it found when it began, or that another one gave, for a whole lease more.
"""

from __future__ import annotations

from collections.abc import Sequence


class LeaseWatch:
    """Batches under lease, each with when it was seen first. Reads no clock."""

    def __init__(self) -> None:
        self._seen_s: dict[str, float] = {}

    def overdue(
        self, leased: Sequence[tuple[str, str]], steady_s: float, lease_s: float
    ) -> list[tuple[str, str]]:
        """Return the leases that have run out, of all there are: items, each with its batch.

        `steady_s` is seconds of a steady clock.
        """
        batches = {batch_id for _, batch_id in leased}
        self._seen_s = {name: self._seen_s.get(name, steady_s) for name in batches}
        ended = {name for name, seen_s in self._seen_s.items() if steady_s - seen_s >= lease_s}
        return [(item_id, batch_id) for item_id, batch_id in leased if batch_id in ended]

    def give(self, batch_ids: Sequence[str], steady_s: float) -> None:
        """Keep when leases were given."""
        self._seen_s.update(dict.fromkeys(batch_ids, steady_s))
