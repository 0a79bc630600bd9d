"""Leadership: one gateway at a time; two would take two lines for each active contract.

A gateway connects to IB only while it holds the leader lock. One that finds another in it gives its
lines back and ends; or, as a standby, waits for its turn again.

A gateway that cannot reach Redis does not know whether others can. So it counts the lock as its
own only until `LEADER_LOCK_MS` after the last renewal began, by its own steady clock: Redis gives
the lock to another no sooner than that. From then on it opens nothing, until it has renewed it.

But it keeps the lines that it has. So a gateway that finds the lock free, and the last holder
neither gone nor dead, takes it and then waits until the other has seen that.
"""

from __future__ import annotations

import asyncio
import os
import platform
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Protocol

import structlog

from slotwise.bus.client import Bus
from slotwise.bus.leader_lock import LEADER_LOCK_MS, Holder, LeaderLock
from slotwise.errors import BusError, SlotwiseError
from workers.gateway.process_start import process_start_time

log = structlog.get_logger(__name__)

#: The lock is renewed this often, seconds: a fifth of what it lasts.
RENEW_S = 2.0
#: A gateway that takes the lock waits this many of these times for a former holder to notice.
RENEWALS_WAITED = 2
#: A standby looks this often whether the lock is free, seconds.
LOOK_S = 0.5


def steady_s() -> float:
    """Return the seconds of a clock that is never set, and that runs while the machine sleeps."""
    # Linux stops its monotonic clock during suspend, while the lock runs out elsewhere.
    name = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if name is None else time.clock_gettime(name)


class Fenced(SlotwiseError):
    """Another gateway has taken the lock."""


def myself() -> Holder:
    """Return the name of this process."""
    pid = os.getpid()
    return Holder(
        secrets.token_hex(8), _host(), pid, datetime.now(UTC), process_start_time(pid) or ""
    )


def is_dead(holder: Holder) -> bool:
    """Return whether a holder is a process of this machine that is no more.

    Another process that was given its number since is not the holder.
    """
    if holder.host != _host():
        return False
    born = process_start_time(holder.pid)
    if born is None or (born and holder.born and born != holder.born):
        return True
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class Lock(Protocol):
    """What a gateway asks of the lock; `LeaderLock` keeps it in Redis."""

    def take(self, instead_of: Holder | None = None) -> Holder:
        """Take or renew the lock where that is possible; return its holder, or raise BusError."""
        ...

    def last(self) -> Holder | None:
        """Return the last holder of the lock that did not leave it, or raise BusError."""
        ...

    def leave(self) -> None:
        """Release the lock."""
        ...


class Leadership:
    """Wait for the lock, keep it, and say when it is lost."""

    def __init__(
        self,
        bus: Bus,
        me: Holder,
        dead: Callable[[Holder], bool] = is_dead,
        renew_s: float = RENEW_S,
        clock: Callable[[], float] = steady_s,
        lock: Callable[[Bus, Holder], Lock] = lambda bus, me: LeaderLock(bus, "gateway", me),
    ) -> None:
        self._lock = lock(bus, me)
        self._me = me
        self._dead = dead
        self._renew_s = renew_s
        self._clock = clock
        self._looked_at = -inf

    def is_leader(self) -> bool:
        """Return True while no other gateway can have taken the lock.

        False from the lock's time after the last renewal on, until it is renewed: after the process
        was stopped or asleep, or while Redis cannot be reached.
        """
        return self._clock() - self._looked_at < LEADER_LOCK_MS / 1000

    async def begin(self, *, standby: bool) -> None:
        """Take the lock; as a standby wait for it, raise Fenced when another gateway has it."""
        has_logged = away = False
        while True:
            looked_at = self._clock()
            try:
                last = await asyncio.to_thread(self._lock.last)
                holder = await self._take()
            except BusError as error:
                # A standby waits for Redis too, once it stands by; at the start it raises.
                if not has_logged:
                    raise
                if not away:
                    log.warning("leader lock not seen", reason=str(error))
                away = True
                await asyncio.sleep(LOOK_S)
                continue
            away = False
            if holder == self._me:
                self._looked_at = looked_at
                await self._wait_for(last)
                return
            if not standby:
                raise Fenced(
                    f"a gateway runs already: process {holder.pid} on {holder.host.split()[0]} "
                    f"since {holder.since:%Y-%m-%d %H:%M:%S} UTC; stop it, or start this one "
                    "with --standby"
                )
            if not has_logged:
                has_logged = True
                log.info("standing by", gateway=holder.pid, host=holder.host)
            await asyncio.sleep(LOOK_S)

    async def keep(self) -> None:
        """Renew the lock until cancelled; raises Fenced when another has it.

        Redis may be away: lines that are open go on in that time, and their ticks are kept.
        """
        away = unsure = False
        while True:
            await asyncio.sleep(self._renew_s)
            looked_at = self._clock()
            try:
                holder = await asyncio.to_thread(self._lock.take)
            except BusError as error:
                if not away:
                    log.warning("leader lock not renewed", reason=str(error))
                away = True
                if not unsure and not self.is_leader():
                    unsure = True
                    log.warning("leader lock may be lost, no line or quote is opened")
                continue
            if unsure and holder == self._me:
                log.info("leader lock renewed")
            away = unsure = False
            if holder != self._me:
                raise Fenced(
                    f"another gateway took over: process {holder.pid} on {holder.host.split()[0]}"
                )
            self._looked_at = looked_at

    async def end(self) -> None:
        """Release the lock at once."""
        with suppress(BusError):
            await asyncio.to_thread(self._lock.leave)

    async def _wait_for(self, last: Holder | None) -> None:
        """Wait until a former holder that may live has seen that it lost the lock."""
        if last is None or last == self._me or self._dead(last):
            return
        log.info("waiting for the gateway before this one to give its lines back", pid=last.pid)
        await asyncio.sleep(RENEWALS_WAITED * self._renew_s)

    async def _take(self) -> Holder:
        holder = await asyncio.to_thread(self._lock.take)
        if holder != self._me and self._dead(holder):
            log.info("the gateway before this one is dead", pid=holder.pid)
            holder = await asyncio.to_thread(self._lock.take, holder)
        return holder


def _host() -> str:
    """Return the machine and its process namespace: containers have their own."""
    space = ""
    with suppress(OSError):
        space = os.readlink(Path("/proc/self/ns/pid"))
    return f"{platform.node() or 'unknown'} {space}".strip()
