"""Whether a snapshot is believed: TWS may tell half a portfolio, and end as if that were all.

Rules:
* Where three or more, and a quarter, of what was held are missing at once, the snapshot is doubted:
  nothing is closed for it, and another one is asked for.
* What is missing twice in a row is believed: then it was sold, or moved away.

Pure. Between two snapshots each closing is pushed, and is then no longer held here; so a trader who
closes all raises no doubt.
"""

from __future__ import annotations

from collections.abc import Collection, Set

from slotwise.contract import PositionKey

#: As in a reconciliation: a few may be closed while nobody is connected.
MISSING_AT_LEAST, MISSING_PART = 3, 0.25


class SnapshotDoubt:
    """Remember what the last doubted snapshot lacked."""

    def __init__(self) -> None:
        self._missing: Set[PositionKey] = frozenset()

    def believes(self, held: Collection[PositionKey], told: Set[PositionKey]) -> bool:
        """Tell whether to believe a snapshot that tells of some holdings."""
        missing = frozenset(key for key in held if key not in told)
        much = len(missing) >= max(MISSING_AT_LEAST, MISSING_PART * len(held))
        before, self._missing = self._missing, missing if much else frozenset()
        return not much or (bool(before) and before <= missing)
