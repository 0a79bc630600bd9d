"""Ticks that were on their way when a line was cancelled."""

from __future__ import annotations

from tests.unit.simulator.in_memory import InMemoryTws
from tws_simulator.services.market_data.in_flight import IN_FLIGHT_S

#: The grid on which a stock's quotes come, and just before one of them, seconds.
GRID_S, JUST_BEFORE_S = 0.25, 0.005


def cancelled_before_a_quote(lines: int = 1) -> tuple[InMemoryTws, list[list[str]]]:
    """Cancel a line a moment before its next quote; return what comes in flight."""
    tws = InMemoryTws(lines=lines)
    client, option = tws.client(), tws.held("OPT")
    frames: list[list[str]] = []
    for req_id in range(1, 11):
        client.market_data(req_id, option)
        tws.wait(60.2 - tws.now % 60 - JUST_BEFORE_S)
        client.read()
        client.send(2, 2, req_id)
        assert tws.world.lines.held == 0
        tws.wait(IN_FLIGHT_S[1])
        frames += client.read()
        tws.wait(30)
        assert client.read() == []
    return tws, frames


def test_some_ticks_still_come_after_a_cancel_and_the_line_is_free_at_once() -> None:
    """The ledger has the cancel when it was read; a client must bear ticks of an id it gave up."""
    tws, frames = cancelled_before_a_quote()
    assert frames
    assert {f[0] for f in frames} <= {"1", "2", "21", "45", "46"}
    assert [e.event for e in tws.events] == ["open", "cancel"] * 10
    assert [e.held for e in tws.events] == [1, 0] * 10


def test_what_the_market_does_after_that_is_not_sent() -> None:
    """A quote that comes later than ticks can be in flight is not sent."""
    tws = InMemoryTws()
    client = tws.client()
    for _ in range(10):
        client.market_data(1, tws.spot("SPX"))
        tws.wait(2 * GRID_S - tws.now % GRID_S - IN_FLIGHT_S[1] - JUST_BEFORE_S)
        client.read()
        client.send(2, 2, 1)
        tws.wait(1)
        assert client.read() == []


def test_an_id_that_is_used_again_gets_no_tick_of_the_line_before() -> None:
    """Behind the new 58 all ticks are the new contract's."""
    tws = InMemoryTws()
    client = tws.client()
    for _ in range(20):
        client.market_data(1, tws.spot("SPX"))
        tws.wait(2 * GRID_S - tws.now % GRID_S - JUST_BEFORE_S)
        client.send(2, 2, 1)
        client.read()
        client.market_data(1, tws.spot("VIX"))
        tws.wait(GRID_S)
        frames = client.read()
        assert frames[0][0] == "58"
        prices = [float(f[4]) for f in frames if f[0] == "1"]
        assert prices
        assert max(prices) < 1000
        client.send(2, 2, 1)
        tws.wait(1)
        client.read()


def test_a_client_that_leaves_takes_its_ticks_in_flight_along() -> None:
    """Nothing goes on without a client."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    tws.wait(1)
    client.send(2, 2, 1)
    client.leave()
    assert tws.world.scheduler.next_due is None
