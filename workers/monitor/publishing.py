"""Publishing: a thread puts the newest verdict on the board, so that no look waits for Redis."""

from __future__ import annotations

import threading
from contextlib import suppress

from slotwise.bus.account_names import AccountLearner
from slotwise.bus.status import StatusBoard, VerdictStatus
from slotwise.errors import BusError

#: At the end a publication under way has this long, seconds; then it ends with the process.
CLOSE_S = 3.0


class Publishing:
    """Publish the newest verdict; one that Redis does not take is replaced by the next."""

    def __init__(self, board: StatusBoard, accounts: AccountLearner) -> None:
        """Start the thread; it learns the names of accounts besides, to mask them."""
        self._board = board
        self._accounts = accounts
        self._newest: VerdictStatus | None = None
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="publishing", daemon=True)
        self._thread.start()

    def put(self, status: VerdictStatus) -> None:
        """Publish a verdict soon; one that waits still is replaced."""
        self._newest = status
        self._changed.set()

    def close(self) -> None:
        """Stop after the publication that is under way."""
        self._ended.set()
        self._changed.set()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._accounts.look()
            self._changed.wait()
            self._changed.clear()
            newest, self._newest = self._newest, None
            if newest is not None:
                with suppress(BusError):
                    self._board.put(newest)
