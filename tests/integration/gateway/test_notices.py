"""What each notice and error of TWS does to a line: the table of `workers/gateway/ib/errors.py`."""

from __future__ import annotations

import asyncio

import pytest

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from tests.integration.gateway.gateway_floor import Floor, floor, held_ids
from tests.unit.gateway.listeners import until
from workers.gateway.session.states import State

ACTIVE = 4
#: What the ledger has of a request for data: a line, a quote, one that was refused.
ASKED = ("open", "snapshot", "reject")


def ticking(f: Floor) -> bool:
    """Return True where every line ticks."""
    held = f.gateway.table.held
    return len(held) == ACTIVE and not any(line.stale for line in held.values())


def count_events(f: Floor, event: str) -> int:
    """Count the events of a kind that are on their way to the lake."""
    return [row["event"] for row in f.landing.rows("line_events")].count(event)


@pytest.mark.parametrize("code", [1100, 2110])
def test_the_loss_of_ib_keeps_all_lines_and_asks_for_none(bus: Bus, code: int) -> None:
    """Every line is noted as lost; a contract that becomes active waits."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            f.do(do="notice", code=code)
            await until(lambda: f.gateway.session.state is State.BLIND)
            f.activate("late", [held_ids(f.simulator)[9]])
            await until(lambda: len(f.gateway.streamer.active.wanted) == ACTIVE + 1)
            await until(lambda: count_events(f, "lost") == ACTIVE)
            assert len(f.events("open")) == ACTIVE
            assert f.events("cancel", "end") == []

    asyncio.run(run())


def test_1101_asks_for_every_line_again(bus: Bus) -> None:
    """TWS has none of them any more."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            f.do(do="notice", code=1100)
            f.do(do="notice", code=1101)
            await until(lambda: len(f.events("open")) == 2 * ACTIVE)
            await until(lambda: ticking(f))
            assert f.simulator.world.lines.held == ACTIVE
            order = [e.con_id for e in f.events("open")]
            assert order[:ACTIVE] == order[ACTIVE:], "the most important first, as before"

    asyncio.run(run())


def test_1102_goes_on_with_the_same_lines_from_their_next_tick(bus: Bus) -> None:
    """Nothing is asked for; each line is seen again when it ticks, and not before."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            f.do(do="notice", code=1100)
            await until(lambda: f.gateway.session.state is State.BLIND)
            f.do(do="notice", code=1102)
            await until(lambda: count_events(f, "returned") == ACTIVE)
            assert count_events(f, "lost") == ACTIVE

    asyncio.run(run())


@pytest.mark.parametrize("code", [2103, 2104, 2105, 2106, 2107, 2108, 2119, 2157, 2158])
def test_a_notice_about_a_farm_takes_no_line_by_itself(bus: Bus, code: int) -> None:
    """However often it comes: lines that tick are left alone."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            for _ in range(20):
                f.do(do="notice", code=code, farm="usfuture", effect=0)
                await asyncio.sleep(0.1)
            assert f.gateway.session.state is State.READY
            assert ticking(f)
            assert len(f.events("open")) == ACTIVE
            assert count_events(f, "silent") == count_events(f, "lost") == 0

    asyncio.run(run())


def test_lines_that_a_farm_killed_are_asked_for_again(bus: Bus) -> None:
    """2104 says that all is well; that none of its kind ticks any more says otherwise."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            f.do(do="notice", code=2103, farm="usopt")
            f.do(do="notice", code=2104, farm="usopt", dead=ACTIVE)
            dead_since = asyncio.get_running_loop().time()
            await until(
                lambda: all(
                    line.staleness.heard_at > dead_since + 5.0
                    for line in f.gateway.table.held.values()
                ),
                40.0,
            )
            await until(lambda: ticking(f))
            assert len(f.events("open")) > ACTIVE
            await until(lambda: count_events(f, "silent") == count_events(f, "returned") > 0)

    asyncio.run(run())


@pytest.mark.parametrize("code", [354, 10089, 10168])
def test_who_may_not_see_a_contract_holds_no_line_for_it(bus: Bus, code: int) -> None:
    """The request is cancelled, the reason shown, and the others are not touched."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            con_id = held_ids(f.simulator)[9]
            f.do(do="deny_data", con_id=con_id, code=code)
            f.activate("denied", [con_id])
            await until(lambda: con_id in f.gateway.status().refused)
            assert f"TWS error {code}" in f.gateway.status().refused[con_id]
            await f.steady(ACTIVE)
            assert con_id not in f.gateway.table.held
            assert f.gateway.table.limit == 100
            await until(lambda: count_events(f, "refused") == 1)

    asyncio.run(run())


@pytest.mark.parametrize("code", [10089, 10168])
def test_who_asked_for_delayed_data_gets_it_with_10167(bus: Bus, code: int) -> None:
    """The line lives, and its quotes say what they are; live data stays live."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE, delayed_data=True) as f:
            await until(lambda: ticking(f))
            con_id = held_ids(f.simulator)[9]
            f.do(do="deny_data", con_id=con_id, code=code)
            f.activate("delayed", [con_id])
            await until(lambda: con_id in QuoteBoard(bus).get([con_id]))
            assert QuoteBoard(bus).get([con_id])[con_id].delayed
            assert f.gateway.status().refused == {}
            live = held_ids(f.simulator)[0]
            await until(lambda: live in QuoteBoard(bus).get([live]))
            assert not QuoteBoard(bus).get([live])[live].delayed
            assert f.simulator.world.lines.held == ACTIVE + 1

    asyncio.run(run())


def test_a_competing_session_takes_the_lines_and_each_is_refused(bus: Bus) -> None:
    """10197: no line is held for nothing, and each says why it is not there."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            f.do(do="competing", on=1)
            await until(lambda: len(f.gateway.status().refused) == ACTIVE)
            assert all("10197" in why for why in f.gateway.status().refused.values())
            await f.steady(0)
            await until(lambda: count_events(f, "refused") == ACTIVE)

    asyncio.run(run())


@pytest.mark.timeout(90)
@pytest.mark.parametrize("back", ["alone", "asked"])
@pytest.mark.parametrize("new", ["refused", "kept"])
def test_a_competing_session_is_named_and_its_end_is_found(bus: Bus, back: str, new: str) -> None:
    """Every line is back by itself; meanwhile one contract is asked for, once a second at most."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            asked = len(f.events(*ASKED))
            f.do(do="competing", on=1, back=back, new=new)
            await until(lambda: f.gateway.status().conditions)
            assert [c.name for c in f.gateway.status().conditions] == ["competing_session"]
            await asyncio.sleep(12.0)
            tries = f.events(*ASKED)[asked:]
            assert len({e.con_id for e in tries}) == 1, "never all lines again"
            assert {e.event for e in tries} == {"open" if new == "kept" else "reject"}
            assert len(tries) >= 3, "its end would not be found within seconds"
            for n, last in enumerate(tries):
                for m, first in enumerate(tries[:n]):
                    # One more, as the first may have been late on its way.
                    assert n - m <= last.t - first.t + 1
            f.do(do="competing", on=0)
            await until(lambda: ticking(f), 40.0)
            await until(lambda: f.gateway.status().conditions == ())

    asyncio.run(run())


def test_a_missing_permission_is_a_condition(bus: Bus) -> None:
    """Counted among the contracts that data is wanted of."""

    async def run() -> None:
        async with floor(bus, positions=20, active=ACTIVE) as f:
            await until(lambda: ticking(f))
            con_id = held_ids(f.simulator)[9]
            f.do(do="deny_data", con_id=con_id, code=354)
            f.activate("denied", [con_id])
            await until(lambda: f.gateway.status().conditions)
            [condition] = f.gateway.status().conditions
            assert condition.name == "no_permission"
            assert condition.text.startswith("no market data permission for 1 of 5 contracts")
            assert "SLOTWISE_DELAYED_DATA=1" in condition.text

    asyncio.run(run())
