"""Farms that are not connected until one of their contracts is asked for."""

from __future__ import annotations

from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_notices import said, start
from tests.unit.simulator.test_outages import streaming, ticking
from tests.unit.simulator.test_simulator_commands import give


def test_a_farm_connects_when_the_first_of_its_contracts_is_asked_for() -> None:
    """2108 in the greeting; 2119 at the request, 2104 and ticks a moment later; once for all."""
    tws = InMemoryTws(positions=40)
    assert give(tws, do="farms", farms="usopt,hfarm", seconds=2)["ok"]
    client, frames = start(tws)
    inactive = "Market data farm connection is inactive but should be available upon demand."
    assert said(frames)[-2:] == [(2108, f"{inactive}hfarm"), (2108, f"{inactive}usopt")]
    client.market_data(1, tws.spot("SPY"))
    assert ticking(tws, client) == {1}
    client.market_data(2, tws.held("OPT"))
    assert said(client.read()) == [(2119, "Market data farm is connecting:usopt")]
    client.market_data(3, tws.held("OPT"))
    tws.wait(1.9)
    assert {f[2] for f in client.read(1, 2, 21)} <= {"1"}
    tws.wait(0.2)
    assert said(client.read()) == [(2104, "Market data farm connection is OK:usopt")]
    assert ticking(tws, client) == {1, 2, 3}


def test_all_farms_can_be_connected_again() -> None:
    """Without a word; what was asked for ticks."""
    tws, client = streaming()
    give(tws, do="farms")
    assert ticking(tws, client) == set()
    give(tws, do="farms", on=0)
    assert ticking(tws, client) == {1, 2, 3, 4}
    client.leave()
    assert tws.world.scheduler.next_due is None
