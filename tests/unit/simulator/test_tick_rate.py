"""More ticks than the market makes, on request: how many, which, and what stays true."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.unit.simulator.in_memory import InMemoryTws
from tws_simulator.instruments.contract import Contract

RATE = 5000


def stocks(tws: InMemoryTws) -> list[Contract]:
    """List all stocks, by symbol."""
    universe = tws.world.universe
    spots = (universe.spot(symbol) for symbol in sorted(universe.symbols()))
    return [spot for spot in spots if spot is not None and spot.sec_type == "STK"]


def flooded(lines: int) -> tuple[InMemoryTws, list[list[str]]]:
    """Open lines on stocks at the rate; return two seconds of their ticks."""
    tws = InMemoryTws(tick_rate=RATE, positions=40, messages_per_s=0)
    client = tws.client()
    for req_id, stock in enumerate(stocks(tws)[:lines]):
        client.market_data(req_id, stock)
    tws.wait(1)
    client.read()
    tws.wait(2)
    return tws, client.read(1, 2, 45, 46)


@pytest.mark.parametrize("lines", [1, 7, 40])
def test_the_rate_is_reached_however_many_lines_are_open(lines: int) -> None:
    """And hardly exceeded; each line has its share."""
    _, frames = flooded(lines)
    assert 2 * RATE * 0.98 <= len(frames) <= 2 * RATE * 1.1
    counts = [sum(f[2] == str(req_id) for f in frames) for req_id in range(lines)]
    assert min(counts) > 0.9 * 2 * RATE / lines


def test_prices_step_faster_too() -> None:
    """Twenty times a second at most, instead of four; a price is sent when it changes."""
    bids = []
    for rate in (0, RATE):
        tws = InMemoryTws(tick_rate=rate)
        client = tws.client()
        client.market_data(1, tws.spot("NFLX"))
        tws.wait(1)
        client.read()
        tws.wait(2)
        bids.append([f[4] for f in client.read(1) if f[3] == "1"])
    plain, fast = bids
    assert len(fast) > 2 * len(plain) > 0
    assert all(before != after for before, after in pairwise(fast))


def test_what_flickers_are_sizes_and_the_quote_stays_the_markets() -> None:
    """The newest of each tick type is the quote without any flicker."""
    tws, frames = flooded(3)
    plain = InMemoryTws(positions=40)
    for req_id in range(3):
        own = [f for f in frames if f[2] == str(req_id)]
        sizes = [int(f[4]) for f in own if f[0] == "2" and f[3] in ("0", "3")]
        assert len(set(sizes)) > 100
        assert all(1 <= size <= 2000 for size in sizes)
    quote = plain.world.market.quote(stocks(plain)[0], tws.now)
    newest = {f[3]: f[4] for f in frames if f[2] == "0" and f[0] == "2"}
    assert (int(newest["0"]), int(newest["3"])) == (quote.bid_size, quote.ask_size)


def test_an_index_takes_no_share_of_the_rate() -> None:
    """It has no size; the line beside it gets all."""
    tws = InMemoryTws(tick_rate=RATE, messages_per_s=0)
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    client.market_data(2, tws.spot("VIX"))
    tws.wait(1)
    client.read()
    tws.wait(2)
    assert sum(f[2] == "1" for f in client.read(1, 2, 45, 46)) >= 2 * RATE * 0.98


def test_a_closed_market_and_an_index_do_not_flicker() -> None:
    """There is no size to show."""
    tws = InMemoryTws(tick_rate=RATE, now=1_794_668_400.0, market_hours="us")
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    client.market_data(2, tws.spot("VIX"))
    tws.wait(1)
    client.read()
    tws.wait(10)
    assert client.read() == []
