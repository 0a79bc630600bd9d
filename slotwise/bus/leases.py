"""Leases: one process at a time does a thing, and can see that another has done it since.

A lease saves work; it is not what keeps the lake right. That is the transaction in each
Delta commit, which holds also when a lease expires under a process that was only slow.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from slotwise.bus.client import Bus, translated

#: A holder that died frees the lease after this, milliseconds: two beats.
LEASE_MS = 10_000
#: Bits of a token: a Lua number holds 53 of them exactly.
TOKEN_BITS = 52

# KEYS: lock, owner, token. ARGV: my name, milliseconds, a token of no other holder.
# A lock that would last longer than any was taken before the clock of Redis was set back.
# Answers 0 when another holds the lock, else the token, which is new when the owner changed.
_TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[2]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
  end
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local token = redis.call('GET', KEYS[3])
if not token or not tonumber(token) or redis.call('GET', KEYS[2]) ~= ARGV[1] then
  redis.call('SET', KEYS[2], ARGV[1])
  redis.call('SET', KEYS[3], ARGV[3])
  return tonumber(ARGV[3])
end
return tonumber(token)
"""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Lease:
    """A lease under one name, taken in turns by the processes that use it."""

    def __init__(self, bus: Bus, name: str, lease_ms: int = LEASE_MS) -> None:
        self._lease_ms = lease_ms
        self._redis = bus.redis
        self._keys = [bus.key("lease", name, part) for part in ("lock", "owner", "token")]
        self._me = secrets.token_hex(8)

    @contextmanager
    def held(self) -> Iterator[int | None]:
        """Hold the lease for a block; yields None when another process has it.

        Otherwise yields a token, which differs from the last time's exactly when another
        process held the lease in between, or Redis was emptied, or has lost one of the keys. A
        count would start anew in an emptied Redis and repeat itself, so the token is random.
        """
        new = 1 + secrets.randbits(TOKEN_BITS)
        with translated():
            token = int(self._redis.eval(_TAKE, 3, *self._keys, self._me, self._lease_ms, new))
        if token == 0:
            yield None
            return
        try:
            yield token
        finally:
            with translated():
                self._redis.eval(_RELEASE, 1, self._keys[0], self._me)
