"""The day's profit of an account counts from the previous close."""

from __future__ import annotations

import pytest

from tests.unit.simulator.in_memory import InMemoryTws


def test_the_profit_of_a_day_is_what_holdings_gained_since_the_close() -> None:
    """The close is the one that a snapshot of each holding shows (tick 9)."""
    tws = InMemoryTws(positions=12, settle="quick", lines=50)
    client, world = tws.client(), tws.world
    [account] = world.accounts.names
    gained = 0.0
    for held in world.accounts.positions(account):
        contract = held.contract
        close = world.market.quote(contract, tws.now).close
        price = world.market.mark(contract, tws.now)
        gained += (price - close) * float(contract.money_per_point * held.quantity)
    client.send(92, 7, account, "")
    [[_, req_id, daily, unrealized, realized]] = [f for f in client.read() if f[0] == "94"]
    assert (req_id, float(realized)) == ("7", 0.0)
    assert float(daily) == pytest.approx(gained, abs=0.02 * 12)
    assert float(daily) != pytest.approx(float(unrealized), abs=1.0)
