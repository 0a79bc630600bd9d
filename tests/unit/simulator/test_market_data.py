"""Lines, snapshots and ticks: which, in which order, and what ends them."""

from __future__ import annotations

import itertools

import pytest

from tests.unit.simulator.in_memory import SOON_S, InMemoryTws
from tws_simulator.services.market_data.in_flight import IN_FLIGHT_S

#: A Saturday, 15:00 UTC.
SATURDAY = 1_794_668_400.0


def ticks(frames: list[list[str]]) -> list[tuple[int, int]]:
    """Give message and tick type of each tick."""
    at = {1: 3, 2: 3, 45: 3, 46: 3, 21: 2}
    return [(int(f[0]), int(f[at[int(f[0])]])) for f in frames if int(f[0]) in at]


def test_a_stock_streams_in_the_order_of_tws() -> None:
    """58, 81, then time, last, halted, volume, high, low, close, bid, ask, open."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(9, tws.spot("SPY"))
    assert client.read() == [["58", "1", "9", "1"], ["81", "9", "0.01", "9c0001", "3"]]
    tws.wait(0.1)
    assert ticks(client.read())[:10] == [
        (46, 45), (1, 4), (45, 49), (2, 8), (1, 6), (1, 7), (1, 9), (1, 1), (1, 2), (1, 14),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["STK", "OPT", "FUT"])
def test_every_tick_has_the_fields_that_clients_unpack(kind: str) -> None:
    """Exactly 7 of a price, 5 of a size, 12 of an option computation, all of them numbers."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.held(kind))
    tws.wait(30)
    lengths = {1: 7, 2: 5, 21: 12, 45: 5, 46: 5, 58: 4, 81: 5}
    frames = client.read()
    assert frames
    for fields in frames:
        assert len(fields) == lengths[int(fields[0])], fields
        if fields[0] in ("1", "2", "21"):
            assert all(float(field) is not None for field in fields)


def test_a_streamed_price_moves_and_only_changes_are_sent() -> None:
    """No tick repeats the price before it."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    tws.wait(60)
    bids = [float(f[4]) for f in client.read(1) if f[3] == "1"]
    assert len(bids) > 20
    assert all(before != after for before, after in itertools.pairwise(bids))


@pytest.mark.parametrize(("kind", "interval_s"), [("STK", 0.25), ("OPT", 0.1)])
def test_ticks_come_no_faster_than_ib_sends_them(kind: str, interval_s: float) -> None:
    """250 ms for stocks, 100 ms for US options."""
    tws = InMemoryTws(positions=20)
    client = tws.client()
    client.market_data(1, tws.spot("SPY") if kind == "STK" else tws.held("OPT"))
    tws.wait(1)
    client.read()
    moments = []
    for _ in range(200):
        tws.wait(0.01)
        if client.read():
            moments.append(tws.now)
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert gaps
    assert min(gaps) > interval_s - 0.02


def test_an_index_has_neither_bid_nor_ask_and_a_last_without_size() -> None:
    """As captured from TWS: the size field is empty."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("VIX"))
    tws.wait(SOON_S)
    frames = client.read()
    prices = {f[3]: f for f in frames if f[0] == "1"}
    assert prices["4"][5] == ""
    assert not {"1", "2"} & prices.keys()


def test_an_option_has_greeks_that_make_sense() -> None:
    """Bid below model below ask; delta by right; vega positive; theta negative."""
    tws = InMemoryTws()
    client = tws.client()
    option = tws.held("OPT")
    client.market_data(1, option, snapshot=True)
    tws.wait(SOON_S)
    rows = {int(f[2]): [float(x) for x in f[4:]] for f in client.read(21)}
    assert rows.keys() == {10, 11, 12, 13}
    assert rows[10][2] < rows[13][2] < rows[11][2]
    iv, delta, _, _, gamma, vega, theta, under = rows[13]
    assert 0.05 < iv < 1
    assert (-1 < delta < 0) if option.right == "P" else (0 < delta < 1)
    assert gamma > 0
    assert vega > 0
    assert theta < 0
    assert under == pytest.approx(tws.world.market.spot(option.symbol, tws.now), rel=0.01)


@pytest.mark.parametrize("symbol", ["SPY", "VIX"])
def test_a_snapshot_of_an_open_market_ends_by_itself_within_300_ms(symbol: str) -> None:
    """Each kind of tick once, then 57, and its line is free."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(3, tws.spot(symbol), snapshot=True)
    assert tws.world.lines.held == 1
    tws.wait(0.3)
    frames = client.read()
    assert frames[-1] == ["57", "1", "3"]
    kinds = ticks(frames)
    assert len(kinds) == len(set(kinds))
    assert {(1, 4), (1, 9), (1, 14)} <= set(kinds)
    assert tws.world.lines.held == 0
    assert [e.event for e in tws.events] == ["snapshot", "end"]
    tws.wait(60)
    assert client.read() == []


def test_a_snapshot_of_a_closed_market_ends_after_11_seconds() -> None:
    """There is no bid and no ask to complete it."""
    tws = InMemoryTws(now=SATURDAY, market_hours="us")
    client = tws.client()
    client.market_data(3, tws.spot("SPY"), snapshot=True)
    tws.wait(10.9)
    frames = client.read()
    assert "57" not in [f[0] for f in frames]
    assert [f[4] for f in frames if f[0] == "1" and f[3] in ("1", "2")] == ["-1.0", "-1.0"]
    tws.wait(0.2)
    assert client.read() == [["57", "1", "3"]]


def test_a_snapshot_of_an_index_can_be_made_to_end_after_11_seconds() -> None:
    """It never has the bid and the ask that would complete it: whether TWS waits is a switch."""
    tws = InMemoryTws(index_snapshots_wait=True)
    client = tws.client()
    client.market_data(3, tws.spot("VIX"), snapshot=True)
    tws.wait(10.9)
    assert {(1, 4), (1, 9), (1, 14)} <= set(ticks(client.read()))
    tws.wait(0.2)
    assert client.read() == [["57", "1", "3"]]
    assert tws.world.lines.held == 0


def test_a_snapshot_of_a_contract_without_a_bid_ends_after_11_seconds() -> None:
    """Far out of the money there is an ask of a tick, and no bid but -1."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(3, tws.world.universe.option("SPY", "20261113", 300.0, "P"), snapshot=True)
    tws.wait(10.9)
    frames = client.read()
    assert next(f[4:6] for f in frames if f[0] == "1" and f[3] == "1") == ["-1.0", "0"]
    assert [f[4] for f in frames if f[0] == "1" and f[3] == "2"] == ["0.01"]
    assert [f[4:7] for f in frames if f[0] == "21" and f[2] == "10"] == [["-1.0", "-2.0", "-1.0"]]
    assert "57" not in [f[0] for f in frames]
    tws.wait(0.2)
    assert client.read() == [["57", "1", "3"]]


def test_frozen_data_of_a_closed_market_is_complete() -> None:
    """Market data type 2 gives the last quotes, and says so in 58."""
    tws = InMemoryTws(now=SATURDAY, market_hours="us")
    client = tws.client()
    client.send(59, 1, 2)
    client.market_data(3, tws.spot("SPY"), snapshot=True)
    tws.wait(SOON_S)
    frames = client.read()
    assert frames[0] == ["58", "1", "3", "2"]
    assert frames[-1] == ["57", "1", "3"]


def test_a_cancelled_line_is_soon_silent_and_a_second_cancel_gets_300() -> None:
    """The error carries the text that clients look for."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(4, tws.spot("SPY"))
    tws.wait(1)
    client.send(2, 2, 4)
    tws.wait(IN_FLIGHT_S[1])
    client.read()
    tws.wait(5)
    assert client.read() == []
    (error,) = client.ask(2, 2, 4)
    assert error[2:5] == ["4", "300", "Can't find EId with tickerId:4"]
    assert [e.event for e in tws.events] == ["open", "cancel"]


def test_a_cancelled_snapshot_has_no_end() -> None:
    """57 after a cancel would have no request."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(4, tws.spot("SPY"), snapshot=True)
    client.send(2, 2, 4)
    tws.wait(20)
    assert client.read(57) == []
    assert [e.event for e in tws.events] == ["snapshot", "cancel"]


def test_an_ended_snapshot_cannot_be_cancelled() -> None:
    """300, as for any id that stands for nothing."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(4, tws.spot("SPY"), snapshot=True)
    tws.wait(SOON_S)
    client.read()
    client.send(2, 2, 4)
    assert client.errors() == [(4, 300)]


def test_two_lines_on_one_contract_both_stream_and_both_count() -> None:
    """TWS gives both the whole stream."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    tws.wait(3)
    client.market_data(2, tws.spot("SPY"))
    client.read()
    tws.wait(10)
    by_id = {"1": 0, "2": 0}
    for fields in client.read(1, 2):
        by_id[fields[2]] += 1
    assert by_id["1"] > 10
    assert by_id["2"] > 10
    assert tws.world.lines.held == 2
    client.send(2, 2, 1)
    client.read()
    tws.wait(10)
    assert {f[2] for f in client.read(1, 2)} == {"2"}
