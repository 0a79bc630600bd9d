"""The accounts of the gateway's session, for other processes to mask in what they write."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import msgspec

from slotwise.account import know_accounts
from slotwise.bus.status import StatusBoard
from slotwise.errors import BusError

#: Processes look for new accounts this often, seconds: a login gets others a few times a day at
#: most.
LOOK_S = 15.0


class AccountNames(msgspec.Struct, frozen=True):
    """Accounts of the login; published beside the gateway's status, and shown nowhere."""

    names: tuple[str, ...] = ()


class AccountLearner:
    """Read the accounts of the session from time to time."""

    def __init__(self, board: StatusBoard, clock: Callable[[], float] = time.monotonic) -> None:
        self._board = board
        self._clock = clock
        self._looked_at: float | None = None

    def is_due(self) -> bool:
        """Return True where it is time to look."""
        return self._looked_at is None or self._clock() - self._looked_at >= LOOK_S

    def look(self) -> None:
        """Look for new accounts, unless that was done not long ago; Redis may be away."""
        if not self.is_due():
            return
        self._looked_at = self._clock()
        with contextlib.suppress(BusError, msgspec.MsgspecError):
            found = self._board.get(AccountNames)
            know_accounts(found.names if found else ())
