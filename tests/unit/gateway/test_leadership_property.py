"""Whatever is cut off, at most one gateway believes that it leads."""

from __future__ import annotations

import asyncio

import fakeredis
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.bus.client import Bus
from slotwise.bus.leader_lock import LeaderLock
from tests.support.effort import examples
from tests.unit.gateway.seats import OneLock, Seat, holder_of
from workers.gateway.leadership import Leadership


@given(st.lists(st.tuples(st.sampled_from(["take", "leave", "wipe"]), st.integers(0, 2))))
def test_of_three_never_two_hold_the_post(steps: list[tuple[str, int]]) -> None:
    """The gateway that last got itself as answer is alone, unless Redis was emptied since."""
    bus = Bus.over(fakeredis.FakeRedis())
    gateways = [holder_of(pid) for pid in range(3)]
    believes: set[int] = set()
    for what, n in steps:
        lock = LeaderLock(bus, "gateway", gateways[n])
        if what == "wipe":
            bus.clear()
            believes.clear()
        elif what == "leave":
            lock.leave()
            believes.discard(n)
        elif lock.take() == gateways[n]:
            believes.add(n)
        else:
            assert n not in believes
        assert len(believes) <= 1


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
        lock, bus = OneLock(), Bus.over(fakeredis.FakeRedis())
        seats = [Seat(lock, holder_of(pid)) for pid in range(2)]
        gateways = [
            Leadership(bus, seat.me, lambda _: False, 0.0, lambda: lock.now, lambda *_, s=seat: s)
            for seat in seats
        ]
        tasks: dict[int, asyncio.Task[None]] = {}

        async def work(gateway: Leadership) -> None:
            await gateway.begin(standby=False)
            await gateway.keep()

        for what, n, seconds in steps:
            if what == "start" and (n not in tasks or tasks[n].done()):
                tasks[n] = asyncio.create_task(work(gateways[n]))
            seats[n].cut = (seats[n].cut or what == "cut") and what != "mend"
            # A second at a time, in which each gateway may renew the lock.
            until_ = lock.now + seconds
            while lock.now < until_:
                lock.now = min(lock.now + 1.0, until_)
                assert not all(gateway.is_leader() for gateway in gateways)
                await asyncio.sleep(0.002)
                assert not all(gateway.is_leader() for gateway in gateways)
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)

    asyncio.run(run())
