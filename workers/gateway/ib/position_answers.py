"""Which position rows belong to which request: TWS gives neither a request id.

Rules:
* A row is part of an answer while an end is owed, else it is a push.
* A request that was given up still owes its end. The next request waits for both, and keeps
  only the rows that came after the first.
* A row that cannot be read spoils the answer it is part of: without it the holding would seem
  closed.
"""

from __future__ import annotations

from slotwise.errors import BrokerError
from slotwise.position import Position, newest_by_key


class PositionAnswers:
    """Count requests against ends and collect the rows between."""

    def __init__(self) -> None:
        self.ends_owed = 0
        #: Rows heard in all, so that a slow answer is told from a dead one.
        self.heard_in_all = 0
        self._rows: list[Position] = []
        self._spoiled = ""

    def asked(self) -> None:
        """Note that a request was sent."""
        self.ends_owed += 1
        self._rows = []
        self._spoiled = ""

    def heard(self, position: Position) -> bool:
        """Take a row; False when it belongs to no answer, so it is a push."""
        if not self.ends_owed:
            return False
        self.heard_in_all += 1
        self._rows.append(position)
        return True

    def unreadable(self, reason: str) -> None:
        """Take a row that cannot be read."""
        self.heard_in_all += 1
        self._spoiled = reason

    def ended(self) -> tuple[Position, ...] | None:
        """Take an end; the rows when it completes the newest request, else None.

        Raises BrokerError when the answer was spoiled.
        """
        rows, self._rows = self._rows, []
        spoiled, self._spoiled = self._spoiled, ""
        if not self.ends_owed:
            return None
        self.ends_owed -= 1
        if self.ends_owed:
            return None
        if spoiled:
            raise BrokerError(f"TWS sent a position that cannot be read: {spoiled}")
        return newest_by_key(rows)
