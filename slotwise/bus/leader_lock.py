"""Leader lock: one process holds it for as long as it lives, and others can see which one.

Unlike a lease it is held for days and renewed all the time. A holder that finds another process in
it when it renews has lost it, and must stop. One that cannot renew it cannot know, and may
rely on the lock only until `LEADER_LOCK_MS` after its last renewal began.

Who held it last is kept for longer than the lock: a holder whose lock ran out while Redis was away
may still be at work, and the next gateway gives it time to notice.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from slotwise.bus.client import Bus, translated
from slotwise.errors import BusError

#: A holder that renews nothing for this long has lost its lock, milliseconds.
LEADER_LOCK_MS = 10_000
#: The last holder is remembered for this long, milliseconds: a week. No outage of Redis that a
#: gateway lives through is longer.
LAST_MS = 7 * 86_400_000

# KEYS: lock, last holder. ARGV: my name, milliseconds, the holder that may be replaced (or
# nothing), milliseconds of the last holder.
# A lock that would last longer than any was taken before the clock of Redis was set back.
# Returns the lock's holder: this process, where it was free, its own already, or that holder's.
_TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] and holder ~= ARGV[3] then
  if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[2]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
  end
  return holder
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[4])
return ARGV[1]
"""

_LEAVE = """
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
"""


class Holder(msgspec.Struct, frozen=True):
    """Name a process: where it runs, its number there, since when, and a token of its own.

    `born` is when the process began, in its system's own words; empty where it gives none.
    """

    token: str
    host: str
    pid: int
    since: datetime
    born: str = ""


class LeaderLock:
    """A lock that one process holds at a time, under the name of what it leads."""

    def __init__(self, bus: Bus, led: str, me: Holder, lock_ms: int = LEADER_LOCK_MS) -> None:
        self._redis = bus.redis
        self._key = bus.key("tenure", led)
        self._last_key = bus.key("tenure", led, "last")
        self._me = me
        self._name = msgspec.json.encode(me)
        self._lock_ms = lock_ms

    def take(self, instead_of: Holder | None = None) -> Holder:
        """Take or renew the lock where it is free, ours, or that holder's; return its holder."""
        other = b"" if instead_of is None else msgspec.json.encode(instead_of)
        times = self._lock_ms, other, LAST_MS
        with translated():
            name = self._redis.eval(_TAKE, 2, self._key, self._last_key, self._name, *times)
        return self._holder(self._key, name)

    def last(self) -> Holder | None:
        """Return the last holder that took or renewed the lock and has not left it, else None."""
        with translated():
            name = self._redis.get(self._last_key)
        return None if name is None else self._holder(self._last_key, name)

    def leave(self) -> None:
        """Release the lock, if it is ours."""
        with translated():
            self._redis.eval(_LEAVE, 2, self._key, self._last_key, self._name)

    @staticmethod
    def _holder(key: str, name: bytes) -> Holder:
        try:
            return msgspec.json.decode(name, type=Holder)
        except msgspec.MsgspecError as error:
            raise BusError(f"key {key} cannot be read: {error}; delete it") from error
