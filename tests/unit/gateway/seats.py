"""One lock, and gateways in memory that may hold it."""

from __future__ import annotations

import msgspec

from slotwise.bus.leader_lock import LEADER_LOCK_MS, Holder
from slotwise.errors import BusError
from workers.gateway.leadership import myself


class OneLock:
    """Keep a lock as Redis does, with a clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0
        self.holder: Holder | None = None
        self.until = 0.0
        self.last: Holder | None = None


class Seat:
    """Reach the lock as one gateway does, while its way there is open."""

    def __init__(self, lock: OneLock, me: Holder) -> None:
        self.lock = lock
        self.me = me
        self.cut = False

    def take(self, instead_of: Holder | None = None) -> Holder:
        if self.cut:
            raise BusError("no route to host")
        lock = self.lock
        if lock.holder is not None and lock.now < lock.until and lock.holder != self.me:
            return lock.holder
        lock.holder, lock.until = self.me, lock.now + LEADER_LOCK_MS / 1000
        lock.last = self.me
        return self.me

    def last(self) -> Holder | None:
        if self.cut:
            raise BusError("no route to host")
        return self.lock.last

    def leave(self) -> None:
        if not self.cut and self.lock.holder == self.me:
            self.lock.holder = self.lock.last = None


def holder_of(pid: int, host: str = "elsewhere") -> Holder:
    """Name a gateway."""
    return msgspec.structs.replace(myself(), pid=pid, host=host)
