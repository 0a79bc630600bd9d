"""Asked: the lines and quotes that TWS has not answered yet, in the order they were asked for.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

#: Wait so long for the answer to one before the next is asked for, seconds: what a message takes
#: of the 45 that ib_async sends in a second, so that a slow TWS slows nothing down.
PATIENCE_S = 0.022


class Asked:
    """Know what is on its way, and how many lines each was asked for beside."""

    def __init__(self) -> None:
        self._at: dict[int, float] = {}
        self._beside: dict[int, int] = {}

    def began(self, con_id: int, beside: int, now: float) -> None:
        """Note a request, and how many lines were in use when it was made."""
        # A contract that is asked for again goes to the end.
        self.ended(con_id)
        self._at[con_id] = now
        self._beside[con_id] = beside

    def ended(self, con_id: int) -> bool:
        """Note an answer, or that none is waited for; False where none was."""
        self._beside.pop(con_id, None)
        return self._at.pop(con_id, None) is not None

    def refused(self, con_id: int) -> int | None:
        """Note a refusal; tells how many lines were in use then, None where nothing was asked.

        Those that were asked for later counted it among the lines in use, and it was none.
        """
        beside = self._beside.get(con_id)
        if beside is not None:
            asked = list(self._beside)
            for later in asked[asked.index(con_id) + 1 :]:
                self._beside[later] -= 1
        self.ended(con_id)
        return beside

    def wait_s(self, now: float) -> float:
        """Tell how long the next request has to wait for the answer to the last."""
        if not self._at:
            return 0.0
        return max(max(self._at.values()) + PATIENCE_S - now, 0.0)

    def clear(self) -> None:
        """Forget all: the connection is new."""
        self._at.clear()
        self._beside.clear()
