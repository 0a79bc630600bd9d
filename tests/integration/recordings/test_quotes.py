"""Quotes as TWS sends them: what the product makes of recorded streams and snapshots."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from slotwise.errors import RequestRefusedError
from slotwise.wire.frame import Frame
from tests.integration.recordings.played import named, played, read
from tests.unit.gateway.listeners import soon
from workers.gateway.broker import Cause
from workers.gateway.quote_ways import QuoteWays, Settled
from workers.gateway.wire_log import WireLog

SPY, AAPL, SPY_PUT = 756733, 265598, 711280079


def test_an_option_is_quoted_by_a_short_stream_where_its_snapshot_takes_11_s() -> None:
    """The stream ends with the computation; the slow snapshot teaches the choice of ways."""

    async def run() -> None:
        put = named(SPY_PUT, sec_type="OPT")
        async with played("option_snapshot_ends_after_11_s", speed=10) as p:
            settled = Settled()
            streamed = await p.broker.snapshot_quote(put, 5, settled)
            assert (streamed.bid, streamed.ask) == (Decimal("6.04"), Decimal("6.07"))
            assert streamed.delta == -0.412
            assert settled.last == "greeks"
            once = await p.broker.snapshot_quote(put, 5)
            assert (once.bid, once.ask, once.delta) == (Decimal("6.03"), None, None)
            assert (await p.broker.snapshot_quote(named(SPY), 5)).ask == Decimal("560.42")
            assert p.broker.requests_under_way() == 0
        ways = QuoteWays()
        assert ways.choose("OPT", 10, 45, 0.0, lines_scarce=False) == "snapshot"
        ways.took("OPT", "snapshot", 11.35, once, 11.35, cut=False)
        assert ways.choose("OPT", 10, 45, 12.0, lines_scarce=False) == "stream"

    asyncio.run(run())


def test_a_request_lives_after_a_refusal_of_a_part_of_its_data() -> None:
    async def run() -> None:
        ewz, gld = 812000417, 51529211
        async with played("refusal_of_a_part_comes_before_ticks") as p:
            p.open(gld)
            computed = await p.broker.snapshot_quote(named(ewz, sec_type="OPT"), 2.5, Settled())
            assert (computed.delta, computed.delayed) == (0.55, True)
            quote = await p.quotes.of(gld, lambda q: q.ask)
            assert (quote.bid, quote.ask, quote.delayed) == (
                Decimal("398.10"),
                Decimal("398.14"),
                False,
            )
            assert p.heard.refusals.empty()

    asyncio.run(run())


def test_10089_is_no_refusal_where_ticks_follow() -> None:
    async def run() -> None:
        async with played("10089_and_then_delayed_ticks", delayed=True) as p:
            p.open(AAPL)
            quote = await p.quotes.of(AAPL, lambda q: q.last)
            assert (quote.last, quote.delayed) == (Decimal("231.15"), True)
            assert p.heard.refusals.empty()
            assert p.broker.requests_under_way() == 1

    asyncio.run(run())


def test_10089_is_a_refusal_where_nothing_follows() -> None:
    """Of a line and of a quote: each is cancelled, and reported with the reason."""

    async def run() -> None:
        async with played("10089_and_nothing_after") as p:
            p.open(AAPL)
            with pytest.raises(RequestRefusedError) as error:
                await p.broker.snapshot_quote(named(AAPL), 10)
            assert error.value.code == 10089
            con_id, refusal = await soon(p.heard.refusals)
            assert (con_id, refusal.code, refusal.cause) == (AAPL, 10089, Cause.PERMISSION)
            assert p.broker.requests_under_way() == 0

    asyncio.run(run())


def test_354_means_the_same_in_all_its_texts() -> None:
    """Whether data is available is seen by what comes, not read."""

    async def run() -> None:
        eur, toyota, sap, tencent = 12087792, 44652144, 14433401, 75619082
        async with played("354_in_other_words") as p:
            p.open(eur, toyota, sap, tencent)
            refused = [await soon(p.heard.refusals) for _ in range(3)]
            assert {con_id for con_id, _ in refused} == {eur, toyota, sap}
            assert {(r.code, r.cause, r.words) for _, r in refused} == {
                (354, Cause.PERMISSION, "no permission for this market data")
            }
            quote = await p.quotes.of(tencent, lambda q: q.ask)
            assert (quote.bid, quote.delayed) == (Decimal("612.0"), True)
            assert p.broker.requests_under_way() == 1

    asyncio.run(run())


def test_a_delayed_quote_is_the_same_in_whatever_order_it_is_announced() -> None:
    async def run() -> None:
        con_ids = (101, 102, 103, 104)
        async with played("first_messages_in_any_order", delayed=True) as p:
            p.open(*con_ids)
            last_bid = Decimal("41.11")
            quotes = [await p.quotes.of(con_id, lambda q: q.bid == last_bid) for con_id in con_ids]
            assert {(q.bid, q.ask, q.close, q.delayed) for q in quotes} == {
                (last_bid, Decimal("41.12"), Decimal("40.90"), True)
            }
            assert p.heard.refusals.empty()

    asyncio.run(run())


def test_a_delayed_snapshot_is_known_to_be_delayed_without_10167() -> None:
    async def run() -> None:
        async with played("delayed_snapshot_without_10167", delayed=True) as p:
            quote = await p.broker.snapshot_quote(named(AAPL), 5)
        assert quote.delayed
        assert (quote.bid, quote.ask) == (Decimal("231.10"), Decimal("231.20"))
        assert (quote.last, quote.close) == (Decimal("231.15"), Decimal("230.02"))

    asyncio.run(run())


def test_no_quote_is_none_however_it_is_sent_and_a_price_of_minus_1_is_a_price() -> None:
    async def run() -> None:
        stock, penny, pence, spread = 756733, 11263881, 29612230, 900100200
        async with played("no_quote_comes_in_three_forms") as p:
            p.open(stock, penny, pence, spread)
            for con_id in (stock, penny, pence):
                quote = await p.quotes.of(con_id, lambda q: q.last)
                assert (quote.bid, quote.ask) == (None, None)
                assert quote.price() == (quote.last, "last")
            both = await p.quotes.of(spread, lambda q: q.ask)
            assert (both.bid, both.ask) == (Decimal("-1.00"), Decimal("-0.75"))

    asyncio.run(run())


def test_a_volume_below_zero_disturbs_no_price() -> None:
    async def run() -> None:
        async with played("delayed_volume_below_zero", delayed=True) as p:
            p.open(AAPL)
            quote = await p.quotes.of(AAPL, lambda q: q.bid == Decimal("231.12"))
            assert (quote.ask, quote.delayed) == (Decimal("231.20"), True)
            assert (quote.bid_size, quote.ask_size) == (Decimal(100), Decimal(300))

    asyncio.run(run())


def test_a_cfd_has_the_quotes_of_its_share() -> None:
    """The line is the CFD's, and is counted once."""

    async def run() -> None:
        cfd, share = 120550477, 8314
        async with played("cfd_is_sent_on_to_its_share") as p:
            p.open(cfd, sec_type="CFD")
            quote = await p.quotes.of(cfd, lambda q: q.last)
            assert (quote.bid, quote.ask) == (Decimal("301.10"), Decimal("301.15"))
            assert p.heard.reroutes == [(cfd, share)]
            assert p.broker.requests_under_way() == 1

    asyncio.run(run())


def test_a_closed_market_has_a_price() -> None:
    async def run() -> None:
        async with played("closed_market_has_last_and_close") as p:
            p.open(AAPL)
            quote = await p.quotes.of(AAPL, lambda q: q.close)
            assert (quote.bid, quote.ask, quote.close) == (None, None, Decimal("230.02"))
            assert quote.price() == (Decimal("231.15"), "last")

    asyncio.run(run())


def test_no_snapshot_is_asked_for_that_costs_money(tmp_path: Path) -> None:
    """Read from what the product sent: of a line, of a snapshot and of a short stream."""

    async def run() -> None:
        log = WireLog(tmp_path / "wire.jsonl")
        async with played("snapshots_that_cost_nothing", tap=log.tap) as p:
            p.open(AAPL)
            await p.quotes.of(AAPL)
            await p.broker.snapshot_quote(named(AAPL), 5)
            await p.broker.snapshot_quote(named(AAPL), 5, Settled())
        log.close()

    asyncio.run(run())
    recorded = [frame for _, frame in read(tmp_path / "wire.jsonl").frames()]
    assert snapshot_flags(recorded) == [("0", "0"), ("1", "0"), ("0", "0")]


def snapshot_flags(frames: list[Frame]) -> list[tuple[str, str]]:
    """Return the flags of snapshots and of regulatory snapshots of each market data request."""
    asked = [f.fields for f in frames if f.sender == "client" and f.kind == 1]
    return [(fields[-3], fields[-2]) for fields in asked]
