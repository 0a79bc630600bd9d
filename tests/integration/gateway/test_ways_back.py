"""Whatever TWS says, or does not say, the gateway is ready again soon after TWS is well."""

from __future__ import annotations

import asyncio

import pytest

from slotwise.bus.client import Bus
from tests.integration.gateway.gateway_floor import floor
from tests.integration.gateway.test_notices import ACTIVE, ticking
from tests.unit.gateway.listeners import until
from workers.gateway.ib.timeouts import Timeouts
from workers.gateway.session.states import State

#: An outage lasts this long, seconds; after it the gateway is ready within a bound.
OUTAGE_S, BOUND_S = 1.0, 30.0
#: An answer of positions that makes no progress is waited for this long, seconds.
UNANSWERED_S = Timeouts().positions_s


@pytest.mark.parametrize("code", [1100, 2110])
@pytest.mark.parametrize("back", ["1101", "1102", "farms", "ticks"])
def test_every_way_back_from_an_outage_leads_to_ready(bus: Bus, code: int, back: str) -> None:
    """By a notice, by farms alone, or without a word: lines tick, and no condition is left."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            f.do(do="outage", code=code, seconds=OUTAGE_S, back=back)
            await until(lambda: f.gateway.session.state is State.BLIND)
            assert [c.name for c in f.gateway.status().conditions] == ["ib_lost"]
            await until(lambda: f.gateway.session.state is State.READY, OUTAGE_S + BOUND_S)
            await until(lambda: ticking(f), BOUND_S)
            assert f.gateway.status().conditions == ()
            assert f.simulator.world.lines.held == ACTIVE

    asyncio.run(run())


def test_a_poll_that_an_outage_left_unanswered_does_not_hold_up_the_next(bus: Bus) -> None:
    """TWS never ends its answer, and IB is back before the time limit for answers."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE, poll_interval_s=1000.0) as f:
            await until(lambda: ticking(f))
            poller = f.gateway.poller
            await until(lambda: poller.polled_at is not None)
            f.do(do="withhold_position_end", count=1)
            poller.request()
            await asyncio.sleep(0.5)
            f.do(do="notice", code=1100)
            await until(lambda: f.gateway.session.state is State.BLIND)
            before = poller.polled_at
            f.do(do="notice", code=1102)
            await until(lambda: poller.polled_at != before, UNANSWERED_S / 2)

    asyncio.run(run())


def test_an_outage_that_does_not_end_is_no_ready(bus: Bus) -> None:
    """TWS answers questions for the time by itself; that is no sign of IB."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            f.do(do="outage", seconds=3600, back="none")
            await until(lambda: f.gateway.session.state is State.BLIND)
            for _ in range(25):
                await asyncio.sleep(1.0)
                assert f.gateway.session.state is State.BLIND
            f.do(do="notice", code=1102)
            await until(lambda: f.gateway.session.state is State.READY)

    asyncio.run(run())


@pytest.mark.parametrize("back", ["1102", "farms"])
def test_an_outage_that_is_reported_in_the_greeting_ends_too(bus: Bus, back: str) -> None:
    """No line is asked for before, and all are after."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            opened = len(f.events("open"))
            f.do(do="greeting", list=[2110], effect=1, back=back, seconds=3)
            f.do(do="drop")
            await until(lambda: f.gateway.session.state is State.BLIND)
            assert len(f.events("open")) == opened
            await until(lambda: f.gateway.session.state is State.READY, BOUND_S)
            f.do(do="greeting", on=0)
            await until(lambda: ticking(f), BOUND_S)

    asyncio.run(run())


def test_a_login_that_comes_late_is_waited_for(bus: Bus) -> None:
    """The state has a name, and ends by itself."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            f.do(do="late_accounts", seconds=60, managed="empty", mode="empty2151")
            f.do(do="drop")
            await until(lambda: f.gateway.session.conditions.holds("not_logged_in"))
            [condition] = f.gateway.status().conditions
            assert "is not logged in yet" in condition.text
            f.do(do="late_accounts", on=0)
            await until(lambda: f.gateway.session.state is State.READY, BOUND_S)
            await until(lambda: ticking(f), BOUND_S)
            assert f.gateway.status().conditions == ()

    asyncio.run(run())


@pytest.mark.parametrize("when", ["now", "greeting"])
@pytest.mark.parametrize("drop", [1, 0])
def test_a_port_that_moves_is_followed(bus: Bus, when: str, drop: int) -> None:
    """Also where the connection goes on at first, and where the greeting says so."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            before = f.simulator.port
            f.do(do="move_port", port=0, when=when, drop=drop)
            if when == "greeting":
                f.do(do="drop")
            await until(lambda: f.simulator.port != before, BOUND_S)
            await until(lambda: f.gateway.session.conditions.holds("port_moved"), BOUND_S)
            f.do(do="drop")
            await until(lambda: f.gateway.session.state is not State.READY)
            await until(lambda: f.gateway.session.state is State.READY, BOUND_S)
            await until(lambda: ticking(f), BOUND_S)
            [condition] = f.gateway.status().conditions
            assert f"SLOTWISE_IB_PORT={f.simulator.port}" in condition.text

    asyncio.run(run())


@pytest.mark.parametrize("kind", ["accept", "close", "below", "above", "start", "error", "mute"])
def test_a_door_that_was_shut_is_tried_until_it_opens(bus: Bus, kind: str) -> None:
    """Each try ends in one line, and the first that is let in has every line back."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            f.do(do="handshake", kind=kind, count=2)
            f.do(do="drop")
            await until(lambda: f.gateway.session.state is State.WAITING)
            if kind in ("below", "above", "error"):
                await until(lambda: f.gateway.session.conditions.holds("client_refused"))
            assert "\n" not in f.gateway.session.detail
            await until(lambda: f.gateway.session.state is State.READY, 2 * BOUND_S)
            await until(lambda: ticking(f), BOUND_S)
            assert f.gateway.status().conditions == ()

    asyncio.run(run())
