"""One gateway at a time; the next takes over when the first is gone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import fakeredis
import msgspec
import pytest

from slotwise.bus.client import Bus
from slotwise.bus.leader_lock import LEADER_LOCK_MS, LeaderLock
from tests.unit.gateway.listeners import until
from tests.unit.gateway.seats import OneLock, Seat, holder_of
from workers.gateway.leadership import Fenced, Leadership, is_dead, myself
from workers.gateway.process_start import process_start_time


def test_the_post_is_held_by_one(bus: Bus) -> None:
    """Taken once, renewed by its holder, refused to others, free when left."""
    first, second = holder_of(1), holder_of(2)
    assert LeaderLock(bus, "gateway", first).take() == first
    assert LeaderLock(bus, "gateway", first).take() == first
    assert LeaderLock(bus, "gateway", second).take() == first
    LeaderLock(bus, "gateway", second).leave()
    assert LeaderLock(bus, "gateway", second).take() == first, "only the holder can leave"
    LeaderLock(bus, "gateway", first).leave()
    assert LeaderLock(bus, "gateway", second).take() == second


def test_a_post_taken_before_the_clock_of_redis_was_set_back_is_free_in_time(bus: Bus) -> None:
    """It would be held for hours after its holder's death; who finds it so lets it end as any."""
    key, first = bus.key("tenure", "gateway"), holder_of(1)
    LeaderLock(bus, "gateway", first).take()
    bus.redis.pexpire(key, 3 * 3_600_000)
    assert LeaderLock(bus, "gateway", holder_of(2)).take() == first
    assert 0 < bus.redis.pttl(key) <= LEADER_LOCK_MS


def test_a_post_that_is_not_renewed_is_free(bus: Bus) -> None:
    """After its time, in Redis's own clock."""
    LeaderLock(bus, "gateway", holder_of(1), lock_ms=30).take()
    second = holder_of(2)
    asyncio.run(until(lambda: LeaderLock(bus, "gateway", second).take() == second))


def test_a_second_gateway_learns_which_one_runs(bus: Bus) -> None:
    """Process, machine, since when, and what to do."""

    async def run() -> None:
        await Leadership(bus, holder_of(4711)).begin(standby=False)
        with pytest.raises(Fenced, match=r"process 4711 on elsewhere since .* --standby"):
            await Leadership(bus, holder_of(2)).begin(standby=False)

    asyncio.run(run())


def test_a_standby_takes_over_when_the_post_is_left(bus: Bus) -> None:
    async def run() -> None:
        first, second = Leadership(bus, holder_of(1)), Leadership(bus, holder_of(2))
        await first.begin(standby=False)
        waiting = asyncio.create_task(second.begin(standby=True))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await first.end()
        async with asyncio.timeout(5):
            await waiting

    asyncio.run(run())


def test_a_dead_process_of_this_machine_is_replaced_at_once(bus: Bus) -> None:
    """One elsewhere may live, and is waited for."""

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    async def run() -> None:
        dead = msgspec.structs.replace(myself(), pid=ended.pid, token="dead")
        assert is_dead(dead)
        assert not is_dead(msgspec.structs.replace(dead, host="elsewhere"))
        assert not is_dead(msgspec.structs.replace(dead, pid=os.getpid()))
        await Leadership(bus, dead).begin(standby=False)
        await Leadership(bus, myself()).begin(standby=False)

    asyncio.run(run())


def test_a_process_that_was_given_the_number_of_a_dead_one_does_not_hold_its_post(
    bus: Bus,
) -> None:
    """In a container that is restarted the gateway's number is 1 again: its own."""
    before = msgspec.structs.replace(myself(), token="before", born="another time")
    assert before.pid == os.getpid()
    assert is_dead(before)
    assert not is_dead(myself())
    assert not is_dead(msgspec.structs.replace(before, born=""))

    async def run() -> None:
        await Leadership(bus, before).begin(standby=False)
        await Leadership(bus, myself()).begin(standby=False)

    asyncio.run(run())


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="this system cannot wait without reaping")
def test_a_killed_process_that_was_not_waited_for_is_dead() -> None:
    """Its number is still taken, but it runs no more."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"]) as process:
        holder = msgspec.structs.replace(
            myself(), pid=process.pid, born=process_start_time(process.pid)
        )
        assert not is_dead(holder)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_dead(holder)


def test_a_gateway_that_lost_the_post_learns_it_when_it_renews(bus: Bus) -> None:
    """An emptied Redis alone costs nothing: the holder takes the lock again."""

    async def run() -> None:
        first = Leadership(bus, holder_of(1), renew_s=0.01)
        await first.begin(standby=False)
        keeping = asyncio.create_task(first.keep())
        bus.clear()
        await asyncio.sleep(0.1)
        assert not keeping.done()
        second = holder_of(2)
        while LeaderLock(bus, "gateway", second).take(instead_of=None) != second:
            bus.clear()
        async with asyncio.timeout(5):
            with pytest.raises(Fenced, match="process 2"):
                await keeping

    asyncio.run(run())


def test_a_successor_of_a_gateway_whose_post_ran_out_begins_after_it_has_noticed(
    bus: Bus,
) -> None:
    """Redis was away for so long that the lock is free, and both are alive: first one, then one."""

    async def run() -> None:
        order: list[str] = []
        first = Leadership(bus, holder_of(1), renew_s=1.0)
        second = Leadership(bus, holder_of(2), renew_s=1.0)

        async def keep() -> None:
            with pytest.raises(Fenced, match="process 2"):
                await first.keep()
            order.append("the first gives its lines back")

        await first.begin(standby=False)
        keeping = asyncio.create_task(keep())
        bus.redis.delete(bus.key("tenure", "gateway"))
        await second.begin(standby=False)
        order.append("the second begins")
        await keeping
        assert order == ["the first gives its lines back", "the second begins"]

    asyncio.run(run())


def test_a_successor_of_a_gateway_that_left_begins_at_once(bus: Bus) -> None:
    """As does the first of all, and the same one again."""

    async def run() -> None:
        first, second = (Leadership(bus, holder_of(pid), renew_s=3600.0) for pid in (1, 2))
        async with asyncio.timeout(30):
            await first.begin(standby=False)
            await first.begin(standby=False)
            await first.end()
            await second.begin(standby=False)

    asyncio.run(run())


def test_after_a_long_sleep_the_post_is_not_ours_until_it_was_looked_after(bus: Bus) -> None:
    """Longer than it lasts: another may have it, and nothing is opened on a guess."""
    now = 0.0

    async def run() -> None:
        nonlocal now
        me = Leadership(bus, holder_of(1), renew_s=0.01, clock=lambda: now)
        assert not me.is_leader()
        await me.begin(standby=False)
        assert me.is_leader()
        now = LEADER_LOCK_MS / 1000
        assert not me.is_leader()
        keeping = asyncio.create_task(me.keep())
        await until(me.is_leader)
        keeping.cancel()

    asyncio.run(run())


def test_a_standby_waits_for_redis_too() -> None:
    """While Redis is away it stays, and takes the lock over once that is free again."""
    server = fakeredis.FakeServer()
    bus = Bus.over(fakeredis.FakeRedis(server=server))

    async def run() -> None:
        first, second = Leadership(bus, holder_of(1)), Leadership(bus, holder_of(2))
        await first.begin(standby=False)
        waiting = asyncio.create_task(second.begin(standby=True))
        await asyncio.sleep(0.1)
        server.connected = False
        await asyncio.sleep(1.5)
        assert not waiting.done()
        server.connected = True
        await first.end()
        await asyncio.wait_for(waiting, 10)

    asyncio.run(run())


def test_a_gateway_that_cannot_renew_the_post_is_not_sure_of_it(bus: Bus) -> None:
    """A standby elsewhere has it by then; once Redis answers again, the first has lost it."""

    async def run() -> None:
        lock = OneLock()
        mine, other = Seat(lock, holder_of(1)), Seat(lock, holder_of(2))
        first = Leadership(
            bus, mine.me, renew_s=0.001, clock=lambda: lock.now, lock=lambda *_: mine
        )
        await first.begin(standby=False)
        keeping = asyncio.create_task(first.keep())
        mine.cut = True
        lock.now = LEADER_LOCK_MS / 1000
        assert other.take() == other.me
        await asyncio.sleep(0.05)
        assert not first.is_leader()
        assert not keeping.done()
        mine.cut = False
        async with asyncio.timeout(5):
            with pytest.raises(Fenced, match="process 2"):
                await keeping

    asyncio.run(run())
