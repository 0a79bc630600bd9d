"""Which lake the running system works with: its identity, kept in Redis.

The lake worker writes it at the first start, and every process compares. `adopted` says that an
operator chose the lake by hand: a gateway whose spool was kept for another one then follows.
"""

from __future__ import annotations

import time
from contextlib import suppress

import msgspec

from slotwise.bus.client import Bus, translated
from slotwise.errors import BusError

#: Redis is asked again after this, seconds: a lake is put in the place of another by hand.
ASK_S = 1.0


class KnownLake(msgspec.Struct, frozen=True):
    """The lake that the system works with."""

    identity: str
    adopted: bool = False


class LakeIdentity:
    """Ask for the identity, and keep it for as long as Redis is away."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._key = bus.key("lake")
        self._known: KnownLake | None = None
        self._asked_at = float("-inf")

    def known(self) -> KnownLake | None:
        """Read which lake the system works with; None where it has none yet. Raises BusError."""
        with translated():
            data = self._bus.redis.get(self._key)
        try:
            found = None if data is None else msgspec.msgpack.decode(data, type=KnownLake)
        except msgspec.MsgspecError as error:
            raise BusError(f"key {self._key} cannot be read: {error}; delete it") from error
        # An emptied Redis proves nothing about the lake that a running process has worked with.
        self._known = found or self._known
        return found

    def expected(self) -> str | None:
        """Return the identity that a lake must have; the last one known where Redis is away."""
        if time.monotonic() - self._asked_at >= ASK_S:
            with suppress(BusError):
                self.known()
            self._asked_at = time.monotonic()
        return None if self._known is None else self._known.identity

    def asked(self) -> str | None:
        """Ask Redis at once for the identity that a lake must have; raises BusError.

        The last one known where Redis was emptied, None where there was never one.
        """
        self.known()
        return None if self._known is None else self._known.identity

    def remember(self, identity: str) -> KnownLake:
        """Record which lake the system works with, unless one is recorded; return the one recorded.

        Raises BusError.
        """
        encoded = msgspec.msgpack.encode(KnownLake(identity))
        with translated():
            self._bus.redis.set(self._key, encoded, nx=True)
        found = self.known()
        return found or KnownLake(identity)

    def adopt(self, identity: str) -> None:
        """Make the system work with another lake; raises BusError."""
        with translated():
            self._bus.redis.set(
                self._key, msgspec.msgpack.encode(KnownLake(identity, adopted=True))
            )
        self._known = KnownLake(identity, adopted=True)
