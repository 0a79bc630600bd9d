"""Delayed data: who gets it, what it says, and how it differs from live data."""

from __future__ import annotations

import pytest

from tests.unit.simulator.in_memory import SOON_S, InMemoryClient, InMemoryTws
from tests.unit.simulator.test_simulator_commands import give
from tws_simulator.services.market_data.view import DELAY_S

#: A Tuesday, 21:05 UTC: New York has been closed for five minutes.
AFTER_CLOSE = 1_794_322_800.0 + 6 * 3600 + 300
#: The tick types that only delayed data has.
DELAYED = {*range(66, 77), 80, 81, 82, 83, 88, 90}


def tick_types(frames: list[list[str]]) -> list[int]:
    """Give the tick type of each tick."""
    return [
        int(f[2 if f[0] == "21" else 3]) for f in frames if f[0] in ("1", "2", "21", "45", "46")
    ]


def without_live(symbol: str = "SPY", wanted: int = 3) -> tuple[InMemoryTws, InMemoryClient]:
    """Return a client that wants a type of data, of a contract it has no live data of."""
    tws = InMemoryTws()
    client = tws.client()
    give(tws, do="deny_data", con_id=tws.spot(symbol).con_id, code=10089)
    client.send(59, 1, wanted)
    return tws, client


def test_delayed_data_comes_in_the_order_of_tws() -> None:
    """58 with 3, the warning, 81; then high, low, volume, close, last, time, open, bid, ask."""
    tws, client = without_live()
    client.market_data(9, tws.spot("SPY"))
    kind, warning, parameters = client.read()
    assert kind == ["58", "1", "9", "3"]
    assert warning[2:5] == [
        "9", "10167", "Requested market data is not subscribed. Displaying delayed market data.",
    ]  # fmt: skip
    assert parameters[:2] == ["81", "9"]
    tws.wait(0.1)
    assert tick_types(client.read())[:9] == [72, 73, 74, 75, 68, 88, 76, 66, 67]


def test_delayed_data_is_the_market_of_fifteen_minutes_ago() -> None:
    """Bid and ask are those a live line had then."""
    tws, client = without_live()
    spy = tws.spot("SPY")
    client.market_data(1, spy)
    tws.wait(60)
    seen = {int(f[3]): float(f[4]) for f in client.read(1)}
    then = tws.world.market.quote(spy, tws.now - DELAY_S)
    assert (seen[66], seen[67], seen[68]) == (then.bid, then.ask, then.last)
    now = tws.world.market.quote(spy, tws.now)
    assert seen[66] != now.bid


def test_delayed_data_lacks_the_high_and_low_of_now() -> None:
    """Also where another request asks for live data meanwhile."""

    def ranges(live: bool) -> list[str]:
        tws, client = without_live()
        spy = tws.spot("SPY")
        if live:
            give(tws, do="grant_data", con_id=spy.con_id)
            client.market_data(2, spy)
            tws.wait(600)
            give(tws, do="deny_data", con_id=spy.con_id, code=10089)
        else:
            tws.wait(600)
        client.read()
        client.market_data(1, spy)
        tws.wait(SOON_S)
        return [f[4] for f in client.read(1) if f[2] == "1" and f[3] in ("72", "73")]

    assert ranges(live=True) == ranges(live=False)


@pytest.mark.parametrize("snapshot", [False, True])
def test_every_tick_of_delayed_data_has_a_delayed_type(snapshot: bool) -> None:
    """Greeks too, in streams and in snapshots; a snapshot ends with 57."""
    tws = InMemoryTws()
    client, option = tws.client(), tws.held("OPT")
    give(tws, do="deny_data", con_id=option.con_id, code=10168)
    client.send(59, 1, 3)
    client.market_data(1, option, snapshot=snapshot)
    tws.wait(20)
    frames = client.read()
    assert {80, 81, 82, 83} <= set(tick_types(frames)) <= DELAYED
    assert [f[0] for f in frames].count("57") == snapshot
    assert tws.world.lines.held == (not snapshot)


@pytest.mark.parametrize("wanted", [3, 4])
def test_a_client_with_live_data_gets_it_whatever_it_asked_for(wanted: int) -> None:
    """Type 3 or 4 changes nothing with a subscription: 58 says 1."""
    tws = InMemoryTws()
    client = tws.client()
    client.send(59, 1, wanted)
    client.market_data(1, tws.spot("SPY"))
    tws.wait(SOON_S)
    frames = client.read()
    assert frames[0] == ["58", "1", "1", "1"]
    assert not set(tick_types(frames)) & DELAYED


@pytest.mark.parametrize(
    ("code", "delayed", "wanted", "answer"),
    [
        (354, None, 1, 354), (354, None, 3, 354), (354, 1, 3, 10167), (354, 1, 1, 354),
        (10168, None, 1, 10168), (10168, None, 2, 10168), (10168, None, 4, 10167),
        (10089, None, 1, 10089), (10089, None, 3, 10167), (10089, 0, 3, 10089),
    ],
)  # fmt: skip
def test_what_is_permitted_and_what_is_asked_for_decide(
    code: int, delayed: int | None, wanted: int, answer: int
) -> None:
    """Refusals hold no line; the warning of delayed data does not end the request."""
    tws = InMemoryTws()
    client, spy = tws.client(), tws.spot("SPY")
    more = {} if delayed is None else {"delayed": delayed}
    assert give(tws, do="deny_data", con_id=spy.con_id, code=code, **more)["ok"]
    client.send(59, 1, wanted)
    client.market_data(1, spy)
    assert client.errors() == [(1, answer)]
    assert tws.world.lines.held == (answer == 10167)


def test_delayed_data_of_a_closed_market_is_open_for_as_long_as_it_is_behind() -> None:
    """Five minutes after the close it still shows bid and ask; later only frozen data does."""
    tws = InMemoryTws(now=AFTER_CLOSE, market_hours="us")
    client = tws.client()
    spy = tws.spot("SPY")
    give(tws, do="deny_data", con_id=spy.con_id, code=10089)
    for req_id, wanted in ((3, 3), (4, 4)):
        client.send(59, 1, wanted)
        client.market_data(req_id, spy)
    tws.wait(SOON_S)
    bids = {f[2]: float(f[4]) for f in client.read(1) if f[3] == "66"}
    assert bids["3"] == bids["4"] > 0
    tws.wait(1200)
    frames = client.read()
    assert [f[2:] for f in frames if f[0] == "58"] == [["4", "4"]]
    bids = {f[2]: float(f[4]) for f in frames if f[0] == "1" and f[3] == "66"}
    assert bids["3"] == -1.0
    assert bids["4"] > 0


def test_permission_that_is_given_back_is_for_new_requests() -> None:
    """An open request goes on with what it had."""
    tws, client = without_live()
    client.market_data(1, tws.spot("SPY"))
    give(tws, do="grant_data", con_id=tws.spot("SPY").con_id)
    client.market_data(2, tws.spot("SPY"))
    tws.wait(20)
    kinds = {f[2]: f[3] for f in client.read(58)}
    assert kinds == {"1": "3", "2": "1"}
