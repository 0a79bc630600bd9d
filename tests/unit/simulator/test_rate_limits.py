"""What comes too fast is refused as TWS refuses it."""

from __future__ import annotations

from tests.unit.simulator.in_memory import SOON_S, InMemoryTws


def test_the_101st_snapshot_of_a_second_gets_321_and_the_next_second_is_free() -> None:
    """All clients share the second; what was refused holds no line."""
    tws = InMemoryTws(lines=1000, messages_per_s=0)
    first, second = tws.client(1), tws.client(2)
    for req_id in range(100):
        first.market_data(req_id, tws.spot("SPY"), snapshot=True)
    second.market_data(7, tws.spot("QQQ"), snapshot=True)
    (error,) = second.read(4)
    assert error[2:4] == ["7", "321"]
    assert error[4].endswith("cause - Snapshot requests limitation exceeded:100 per 1 second(s)")
    assert first.errors() == []
    assert (tws.events[-1].event, tws.world.lines.held) == ("reject", 100)
    tws.wait(1)
    second.market_data(8, tws.spot("QQQ"), snapshot=True)
    assert second.errors() == []


def test_streams_are_not_counted_as_snapshots() -> None:
    """Only the lines limit them."""
    tws = InMemoryTws(lines=1000, messages_per_s=0)
    client = tws.client()
    for req_id in range(150):
        client.market_data(req_id, tws.spot("SPY"))
    assert client.errors() == []


def test_rejecting_answers_100_and_the_third_breach_ends_the_session() -> None:
    """What was rejected is not done, and the other client goes on."""
    tws = InMemoryTws(messages_per_s=10, reject_fast=True)
    bystander, client = tws.client(1), tws.client(2)
    tws.wait(2)
    for _ in range(12):
        client.send(49, 1)
    assert [f[0] for f in client.read()] == ["49"] * 10 + ["4"] * 2
    assert not client.session.client.closing
    client.send(49, 1)
    assert client.errors() == [(-1, 100)]
    assert client.session.client.closing
    assert sorted(tws.world.clients) == [1]
    assert [f[0] for f in bystander.ask(49, 1)] == ["49"]


def test_a_client_that_slows_down_after_a_breach_stays() -> None:
    """Two breaches end nothing."""
    tws = InMemoryTws(messages_per_s=10, reject_fast=True)
    client = tws.client()
    tws.wait(2)
    for _ in range(12):
        client.send(49, 1)
    tws.wait(SOON_S + 1)
    client.read()
    assert [f[0] for f in client.ask(49, 1)] == ["49"]
