"""One gateway at a time; the next takes over when the first is gone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import fakeredis
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.bus.client import Bus
from slotwise.bus.leader_lock import TENURE_MS, Holder, Tenure
from slotwise.errors import BusError
from tests.support.effort import examples
from tests.unit.gateway.listeners import until
from workers.gateway.leadership import Fenced, Tenancy, is_dead, myself
from workers.gateway.process_start import birth


def somebody(pid: int, host: str = "elsewhere") -> Holder:
    """Name a gateway."""
    return msgspec.structs.replace(myself(), pid=pid, host=host)


def test_the_post_is_held_by_one(bus: Bus) -> None:
    """Taken once, renewed by its holder, refused to others, free when left."""
    first, second = somebody(1), somebody(2)
    assert Tenure(bus, "gateway", first).take() == first
    assert Tenure(bus, "gateway", first).take() == first
    assert Tenure(bus, "gateway", second).take() == first
    Tenure(bus, "gateway", second).leave()
    assert Tenure(bus, "gateway", second).take() == first, "only the holder can leave"
    Tenure(bus, "gateway", first).leave()
    assert Tenure(bus, "gateway", second).take() == second


def test_a_post_taken_before_the_clock_of_redis_was_set_back_is_free_in_time(bus: Bus) -> None:
    """It would be held for hours after its holder's death; who finds it so lets it end as any."""
    key, first = bus.key("tenure", "gateway"), somebody(1)
    Tenure(bus, "gateway", first).take()
    bus.redis.pexpire(key, 3 * 3_600_000)
    assert Tenure(bus, "gateway", somebody(2)).take() == first
    assert 0 < bus.redis.pttl(key) <= TENURE_MS


def test_a_post_that_is_not_renewed_is_free(bus: Bus) -> None:
    """After its time, in Redis's own clock."""
    Tenure(bus, "gateway", somebody(1), tenure_ms=30).take()
    second = somebody(2)
    asyncio.run(until(lambda: Tenure(bus, "gateway", second).take() == second))


def test_a_second_gateway_is_told_who_runs(bus: Bus) -> None:
    """Process, machine, since when, and what to do."""

    async def run() -> None:
        await Tenancy(bus, somebody(4711)).begin(standby=False)
        with pytest.raises(Fenced, match=r"process 4711 on elsewhere since .* --standby"):
            await Tenancy(bus, somebody(2)).begin(standby=False)

    asyncio.run(run())


def test_a_standby_takes_over_when_the_post_is_left(bus: Bus) -> None:
    async def run() -> None:
        first, second = Tenancy(bus, somebody(1)), Tenancy(bus, somebody(2))
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
        await Tenancy(bus, dead).begin(standby=False)
        await Tenancy(bus, myself()).begin(standby=False)

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
        await Tenancy(bus, before).begin(standby=False)
        await Tenancy(bus, myself()).begin(standby=False)

    asyncio.run(run())


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="this system cannot wait without reaping")
def test_a_killed_process_that_nobody_asked_after_is_dead() -> None:
    """Its number is still taken, but it runs no more."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"]) as process:
        holder = msgspec.structs.replace(myself(), pid=process.pid, born=birth(process.pid))
        assert not is_dead(holder)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_dead(holder)


def test_whoever_lost_the_post_is_told_when_it_renews(bus: Bus) -> None:
    """Redis emptied alone costs nobody anything: the holder takes the post again."""

    async def run() -> None:
        first = Tenancy(bus, somebody(1), renew_s=0.01)
        await first.begin(standby=False)
        keeping = asyncio.create_task(first.keep())
        bus.clear()
        await asyncio.sleep(0.1)
        assert not keeping.done()
        second = somebody(2)
        while Tenure(bus, "gateway", second).take(instead_of=None) != second:
            bus.clear()
        async with asyncio.timeout(5):
            with pytest.raises(Fenced, match="process 2"):
                await keeping

    asyncio.run(run())


def test_after_a_long_sleep_the_post_is_not_ours_until_it_was_looked_after(bus: Bus) -> None:
    """Longer than it lasts: another may have it, and nothing is opened on a guess."""
    now = 0.0

    async def run() -> None:
        nonlocal now
        me = Tenancy(bus, somebody(1), renew_s=0.01, clock=lambda: now)
        assert not me.is_sure()
        await me.begin(standby=False)
        assert me.is_sure()
        now = TENURE_MS / 1000
        assert not me.is_sure()
        keeping = asyncio.create_task(me.keep())
        await until(me.is_sure)
        keeping.cancel()

    asyncio.run(run())


@given(st.lists(st.tuples(st.sampled_from(["take", "leave", "wipe"]), st.integers(0, 2))))
def test_of_three_never_two_believe_they_hold_the_post(steps: list[tuple[str, int]]) -> None:
    """Whoever was answered with itself last is alone, unless Redis was emptied since."""
    bus = Bus.over(fakeredis.FakeRedis())
    gateways = [somebody(pid) for pid in range(3)]
    believes: set[int] = set()
    for what, n in steps:
        tenure = Tenure(bus, "gateway", gateways[n])
        if what == "wipe":
            bus.clear()
            believes.clear()
        elif what == "leave":
            tenure.leave()
            believes.discard(n)
        elif tenure.take() == gateways[n]:
            believes.add(n)
        else:
            assert n not in believes
        assert len(believes) <= 1


class OnePost:
    """Keep a post as Redis does, with a clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0
        self.holder: Holder | None = None
        self.until = 0.0


class Seat:
    """Reach the post as one gateway does, while its way there is open."""

    def __init__(self, post: OnePost, me: Holder) -> None:
        self.post = post
        self.me = me
        self.cut = False

    def take(self, instead_of: Holder | None = None) -> Holder:
        if self.cut:
            raise BusError("no route to host")
        post = self.post
        if post.holder is not None and post.now < post.until and post.holder != self.me:
            return post.holder
        post.holder, post.until = self.me, post.now + TENURE_MS / 1000
        return self.me

    def leave(self) -> None:
        if not self.cut and self.post.holder == self.me:
            self.post.holder = None


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["wait", "cut", "mend", "start"]),
            st.integers(0, 1),
            st.floats(0.0, 15.0),
        ),
        max_size=25,
    )
)
def test_of_two_gateways_of_which_each_may_be_cut_off_at_most_one_is_sure(
    steps: list[tuple[str, int, float]],
) -> None:
    """However long one cannot reach Redis while the other can; whatever the order."""

    async def run() -> None:
        post, bus = OnePost(), Bus.over(fakeredis.FakeRedis())
        seats = [Seat(post, somebody(pid)) for pid in range(2)]
        gateways = [
            Tenancy(bus, seat.me, lambda _: False, 0.0, lambda: post.now, lambda *_, s=seat: s)
            for seat in seats
        ]
        tasks: dict[int, asyncio.Task[None]] = {}

        async def work(gateway: Tenancy) -> None:
            await gateway.begin(standby=False)
            await gateway.keep()

        for what, n, seconds in steps:
            if what == "start" and (n not in tasks or tasks[n].done()):
                tasks[n] = asyncio.create_task(work(gateways[n]))
            seats[n].cut = (seats[n].cut or what == "cut") and what != "mend"
            # A second at a time, in which each gateway may renew the post.
            until_ = post.now + seconds
            while post.now < until_:
                post.now = min(post.now + 1.0, until_)
                assert not all(gateway.is_sure() for gateway in gateways)
                await asyncio.sleep(0.002)
                assert not all(gateway.is_sure() for gateway in gateways)
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)

    asyncio.run(run())


def test_a_standby_waits_for_redis_too() -> None:
    """While Redis is away it stays, and takes the post over once that is free again."""
    server = fakeredis.FakeServer()
    bus = Bus.over(fakeredis.FakeRedis(server=server))

    async def run() -> None:
        first, second = Tenancy(bus, somebody(1)), Tenancy(bus, somebody(2))
        await first.begin(standby=False)
        waiting = asyncio.create_task(second.begin(standby=True))
        await asyncio.sleep(0.1)
        server.connected = False
        await asyncio.sleep(1.5)
        assert not waiting.done()
        server.connected = True
        Tenure(bus, "gateway", somebody(1)).leave()
        await asyncio.wait_for(waiting, 10)

    asyncio.run(run())


def test_a_gateway_that_cannot_renew_the_post_is_not_sure_of_it(bus: Bus) -> None:
    """A standby elsewhere has it by then; once Redis answers again, the first has lost it."""

    async def run() -> None:
        post = OnePost()
        mine, other = Seat(post, somebody(1)), Seat(post, somebody(2))
        first = Tenancy(bus, mine.me, renew_s=0.001, clock=lambda: post.now, post=lambda *_: mine)
        await first.begin(standby=False)
        keeping = asyncio.create_task(first.keep())
        mine.cut = True
        post.now = TENURE_MS / 1000
        assert other.take() == other.me
        await asyncio.sleep(0.05)
        assert not first.is_sure()
        assert not keeping.done()
        mine.cut = False
        async with asyncio.timeout(5):
            with pytest.raises(Fenced, match="process 2"):
                await keeping

    asyncio.run(run())
