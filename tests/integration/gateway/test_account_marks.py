"""IB's own marks over a socket: they agree with ours on a clean simulator, and a fault shows."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from msgspec.structs import replace

from slotwise.bus.client import Bus
from slotwise.bus.witness_status import WitnessStatus
from slotwise.position import Position
from tests.integration.gateway.gateway_floor import Floor, floor
from tests.unit.gateway.listeners import until
from workers.gateway.marks.witness import MarkWitness

#: A busy machine takes its time, seconds.
SOON_S = 120.0


def witness_of(f: Floor) -> MarkWitness:
    assert f.gateway.witness is not None
    return f.gateway.witness


async def asked(f: Floor, times: int) -> WitnessStatus:
    """Ask every account so many times."""
    for _ in range(times):
        for account in f.simulator.world.accounts.names:
            await witness_of(f).step(account)
        await asyncio.sleep(0.5)
    return witness_of(f).status()


async def most_is_marked(f: Floor) -> None:
    """Wait until most holdings have a mark: a few kinds have no price at all."""

    def marked() -> int:
        held = {con_id for _, con_id in f.gateway.router.portfolio.by_key}
        marks = [f.gateway.marks.marked(con_id) for con_id in held]
        return sum(mark is not None and mark.value is not None for mark in marks)

    await until(lambda: marked() >= 40, timeout_s=SOON_S)


def best_marked_option(f: Floor) -> Position:
    """Return the option whose mark is worth most beside its band."""

    def certainty(held: Position) -> float:
        mark = f.gateway.marks.marked(held.contract.con_id)
        if mark is None or mark.value is None or not mark.band:
            return 0.0
        return mark.value / mark.band

    options = [p for p in f.gateway.router.portfolio.by_key.values() if p.contract.right]
    return max(options, key=certainty)


def test_marks_of_ib_agree_on_a_clean_simulator(bus: Bus) -> None:
    async def run() -> None:
        async with floor(bus, positions=60, rotation=True, account_marks=True) as f:
            await most_is_marked(f)
            status = await asked(f, 4)
            assert status.trouble == ""
            assert status.compared >= 40
            # Near its expiry an option that is worth less than half a tick has no bid: what is left
            # is a last price, and the simulator values it at 0.
            market, now = f.simulator.world.market, f.simulator.now()
            quotes = {p.contract.con_id: p.contract for p in f.simulator.world.accounts.positions()}
            for one in status.shown:
                assert one.cause == "zero_size", one
                assert not market.quote(quotes[one.con_id], now).bid_size, one
            assert status.standing == len(status.shown)
            assert sum(status.found.values()) == len(status.shown)
            assert f.gateway.status().witness.compared == status.compared

    asyncio.run(run())


def test_a_multiplier_that_is_wrong_here_is_found(bus: Bus) -> None:
    async def run() -> None:
        async with floor(bus, positions=60, rotation=True, account_marks=True) as f:
            await most_is_marked(f)
            wrong = best_marked_option(f)
            found: list[tuple[int, str]] = []
            async with asyncio.timeout(SOON_S):
                while (wrong.contract.con_id, "multiplier") not in found:
                    # A poll in between would put the right one back, and what differs between two
                    # quotes is found once a second update says the same.
                    contract = replace(wrong.contract, multiplier=Decimal(10))
                    f.gateway.router.portfolio.amend(replace(wrong, contract=contract))
                    await witness_of(f).step(wrong.account)
                    found = [(one.con_id, one.cause) for one in witness_of(f).status().shown]

    asyncio.run(run())


def test_without_the_setting_no_account_is_subscribed(bus: Bus) -> None:
    async def run() -> None:
        async with floor(bus, positions=20, active=2) as f:
            assert f.gateway.witness is None
            assert not f.gateway.status().witness.asked

    asyncio.run(run())
