"""Ticks asked for by number: which come, what they say, and which numbers are refused."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import pytest

from tests.unit.simulator.in_memory import SOON_S, InMemoryTws
from tests.unit.simulator.test_delayed_data import tick_types
from tests.unit.simulator.test_simulator_commands import give
from tws_simulator.instruments.contract import Contract
from tws_simulator.market.quote import Quote

EVERY = "100,101,104,105,106,165,221,225,232,233,236,258,293,294,295,318,375,411,456,588"


def asked(
    tws: InMemoryTws, contract: Contract, numbers: str, wait_s: float = SOON_S
) -> dict[int, str]:
    """Stream a contract with numbers; return the newest value by tick type."""
    client = tws.client()
    client.market_data(1, contract, generic_ticks=numbers)
    tws.wait(wait_s)
    frames = client.read(1, 2, 45, 46)
    client.leave()
    return {int(f[3]): f[4] for f in frames}


def added(tws: InMemoryTws, contract: Contract, numbers: str) -> set[int]:
    """Give the tick types that come with numbers and not without."""
    return set(asked(tws, contract, numbers)) - set(asked(tws, contract, ""))


@pytest.mark.parametrize(
    ("numbers", "types"),
    [
        ("100", {29, 30}), ("101", {27, 28}), ("104", {23}), ("105", {87}), ("106", {24}),
        ("165", {15, 16, 17, 18, 19, 20, 21}), ("221", {37}), ("232", {37}),
        ("225", {34, 35, 36, 61}), ("233", {48}), ("236", {46, 89}), ("258", set()),
        ("293", {54}), ("294", {55}), ("295", {56}), ("293,294,295", {54, 55, 56}),
        ("318", {57}), ("375", {77}), ("411", {58}), ("456", {59}), ("588", set()),
        ("292:BRFG", set()), ("mdoff,233", {48}), (" 233 , 236,,", {46, 48, 89}), ("47", set()),
    ],
)  # fmt: skip
def test_a_number_brings_its_ticks_for_a_stock(numbers: str, types: set[int]) -> None:
    """And no others."""
    tws = InMemoryTws()
    assert added(tws, tws.spot("SPY"), numbers) == types


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        ("OPT", {27, 28, 29, 30, 37, 48, 54, 55, 56, 57, 77}),
        ("FUT", {15, 16, 17, 18, 19, 20, 21, 23, 37, 48, 54, 55, 56, 57, 58, 77, 86}),
    ],
)
def test_what_a_contract_has_none_of_does_not_come(kind: str, types: set[int]) -> None:
    """The numbers are legal for it, and bring nothing."""
    tws = InMemoryTws()
    assert added(tws, tws.held(kind), EVERY) == types


def test_an_index_has_options_and_a_range_and_no_volume() -> None:
    """Nor can it be sold short."""
    tws = InMemoryTws()
    types = added(tws, tws.spot("SPX"), EVERY)
    assert {27, 28, 29, 30, 87, 23, 24, 15, 20} <= types
    assert not types & {21, 46, 48, 77, 89, 86}


@pytest.mark.parametrize(
    ("numbers", "refused"), [("999", True), ("162", True), ("233,abc", True), ("292:", True),
                             ("9" * 5000, True), ("104", False)]
)  # fmt: skip
def test_a_number_that_is_not_legal_gets_321_and_the_legal_ones(
    numbers: str, refused: bool
) -> None:
    """As TWS words it; the list does not show 104, which is legal all the same."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("SPY"), generic_ticks=numbers)
    errors = client.read(4)
    assert bool(errors) is refused
    assert [e.event for e in tws.events] == ["reject" if refused else "open"]
    for error in errors:
        assert error[3] == "321"
        assert error[4].endswith(
            f" : cause - Incorrect generic tick list of {numbers[:1000]}.  "
            "Legal ones for (STK) are: 100(Option Volume),101(Option Open Interest),"
            "105(Average Opt Volume),106(impvolat),165(Misc. Stats),"
            "221/220(Creditman Mark Price),225(Auction),232/221(Pl Price),"
            "233(RTVolume),236(inventory),258/47(Fundamentals),292(Wide_news),293(TradeCount),"
            "294(TradeRate),295(VolumeRate),318(LastRTHTrade),375(RTTrdVolume),411(rthistvol),"
            "456/59(IBDividends),460(Bond Factor Multiplier),577(EtfNavLast(navlast)),"
            "586(IPOHLMPRC),587(Pl Price Delayed),588(Futures Open Interest),"
            "595(Short-Term Volume X Mins),614(EtfNavMisc(high/low)),"
            "619(Creditman Slow Mark Price),623(EtfFrozenNavLast(fznavlast))"
        )


def test_the_values_follow_from_the_market() -> None:
    """Each is what the walk, the day's trades or the listed options make it."""
    tws = InMemoryTws()
    spy, market = tws.spot("SPY"), tws.world.market
    seen = asked(tws, spy, EVERY, wait_s=2.2)
    quote = market.quote(spy, tws.now)
    lows, highs = [float(seen[t]) for t in (19, 17, 15)], [float(seen[t]) for t in (16, 18, 20)]
    assert lows == sorted(lows)
    assert highs == sorted(highs)
    assert lows[-1] <= quote.low <= quote.high <= highs[0]
    assert float(seen[54]) == market.trades(spy, tws.now)
    assert float(seen[55]) == 120.0
    assert abs(float(seen[37]) - quote.mid) <= spy.min_tick
    assert float(seen[35]) == quote.open
    assert float(seen[24]) == pytest.approx(0.16, rel=0.1)
    assert 0.0 < float(seen[23]) < 0.4
    assert int(seen[89]) % 100 == 0
    assert float(seen[46]) == (3.0 if int(seen[89]) >= 1000 else 2.0)
    assert rt_volume(seen[48]) == (quote.last, quote.last_size, quote.last_at, quote.volume)


def rt_volume(text: str) -> tuple[float, int, int, int]:
    """Read price, size, second and day's volume."""
    price, size, at_ms, volume, average, alone = text.split(";")
    assert float(average) > 0
    assert alone in ("true", "false")
    return float(price), int(size), int(at_ms) // 1000, int(volume)


def test_each_trade_brings_an_rt_volume() -> None:
    """Its total never falls, and the last one is the last quote's."""
    tws = InMemoryTws()
    client, spy = tws.client(), tws.spot("SPY")
    client.market_data(1, spy, generic_ticks="233")
    tws.wait(30.1)
    reported = [rt_volume(f[4]) for f in client.read(46) if f[3] == "48"]
    assert len(reported) >= 59
    volumes = [volume for *_, volume in reported]
    assert volumes == sorted(volumes)
    quote: Quote = tws.world.market.quote(spy, tws.now)
    assert reported[-1] == (quote.last, quote.last_size, quote.last_at, quote.volume)


def test_options_of_a_stock_add_up() -> None:
    """Its open interest and volume are those of all its calls and of all its puts."""
    tws = InMemoryTws(positions=300)
    universe = tws.world.universe
    options = min(
        (found for symbol in universe.symbols()
         if universe.spot(symbol)
         and (found := [c for c in universe.of_symbol(symbol) if c.right])),
        key=len,
    )  # fmt: skip
    # All within the time between two trades.
    whole = asked(tws, tws.spot(options[0].symbol), "100,101", wait_s=0.1)
    parts = [asked(tws, option, "100,101", wait_s=0.1) for option in options]
    for kind in (27, 28, 29, 30):
        assert int(whole[kind]) == sum(int(part[kind]) for part in parts)
    for option, part in zip(options, parts, strict=True):
        own, other = ((29, 27), (30, 28)) if option.right == "C" else ((30, 28), (29, 27))
        assert all(int(part[kind]) > 0 for kind in own)
        assert [part[kind] for kind in other] == ["0", "0"]


def test_delayed_data_has_few_of_them() -> None:
    """IB lists 101, 106, 165, 221, 232, 236, 258; the others are taken and bring nothing."""
    tws = InMemoryTws()
    client, spy = tws.client(), tws.spot("SPY")
    give(tws, do="deny_data", con_id=spy.con_id, code=10089)
    client.send(59, 1, 3)
    client.market_data(1, spy, generic_ticks=EVERY)
    tws.wait(SOON_S)
    types = set(tick_types(client.read()))
    assert {27, 28, 24, 15, 21, 37, 46, 89} <= types
    assert not types & {29, 23, 87, 34, 48, 54, 57, 77, 58, 59}


def test_the_volatility_is_that_of_the_walk() -> None:
    """Thirty closes of the same walk, counted here once more."""
    tws = InMemoryTws()
    market, spy = tws.world.market, tws.spot("SPY")
    reported = float(asked(tws, spy, "104")[23])
    midnight = tws.now // 86_400 * 86_400
    closes = [market.mark(spy, midnight - 60 - n * 86_400) for n in range(30)]
    moves = [b / a - 1 for a, b in pairwise(closes)]
    mean = sum(moves) / len(moves)
    spread = sqrt(sum((move - mean) ** 2 for move in moves) / len(moves))
    assert reported == pytest.approx(spread * sqrt(252), rel=0.05)
