"""IB's profit of an account over a socket: what it says ties with ours."""

from __future__ import annotations

import asyncio
from datetime import datetime

from slotwise.bus.client import Bus
from slotwise.bus.witness_status import ProfitStatus
from slotwise.portfolio.opening import Opening, Openings
from tests.integration.gateway.gateway_floor import Floor, floor
from tests.unit.gateway.listeners import until

#: A busy machine takes its time, seconds.
SOON_S = 120.0


async def looked(f: Floor) -> ProfitStatus:
    """Look once at the only account."""
    assert f.gateway.witness is not None
    assert f.gateway.witness.profits is not None
    [account] = f.simulator.world.accounts.names
    await f.gateway.witness.profits.step(account)
    [status] = f.gateway.status().witness.profits
    return status


def test_the_profit_of_an_account_ties_with_that_of_its_holdings(bus: Bus) -> None:
    """Options and shares that were held before the day: of today, and since they were bought."""

    async def run() -> None:
        floors: list[Floor] = []

        def openings(at: datetime) -> Openings:
            held = {
                key: Opening(quantity=one.quantity, avg_cost=one.avg_cost)
                for key, one in floors[0].gateway.router.portfolio.by_key.items()
            }
            return Openings(known=True, begun=True, held=held)

        async with floor(bus, positions=9, active=9, account_marks=True, openings=openings) as f:
            floors.append(f)
            marks = f.gateway.marks
            await until(lambda: sum(m.value is not None for m in marks.marks.values()) == 9, SOON_S)
            await until(lambda: bool(f.gateway.status().positions), SOON_S)
            await until(lambda: bool(f.gateway._rates.rates.all()), SOON_S)
            status = await looked(f)
            assert status.trouble == ""
            assert (status.lacking_daily, status.lacking_unrealized) == (0, 0)
            for theirs, ours in (
                (status.daily, status.our_daily),
                (status.unrealized, status.our_unrealized),
            ):
                assert theirs is not None
                assert ours is not None
                assert status.band is not None
                assert abs(theirs - ours) <= status.band, status
            assert status.daily != status.unrealized

    asyncio.run(run())
