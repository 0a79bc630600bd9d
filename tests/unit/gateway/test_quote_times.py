"""A quote is as old as the prices that it is made of, however its request ends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from slotwise.quote import Quote
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.connected_broker import STOCK, connected
from tests.unit.gateway.scripted_tws import MARKET_DATA, ScriptedTws
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.quote_ways import Settled

#: The time limit of a quote, seconds; the clock that the times are of stands still meanwhile.
LIMIT_S = 3.0


async def quote_that_ends(
    how: str, tws: ScriptedTws, broker: IbBroker, settled: Settled | None
) -> tuple[Quote, datetime]:
    """Return a quote with a bid and no ask, and a time when its price had been read."""
    taking = asyncio.create_task(broker.snapshot_quote(STOCK, LIMIT_S, settled))
    req_id = (await tws.request(MARKET_DATA))[2]
    tws.send(1, 6, req_id, 1, "50", 5, 0)
    await broker.ping()
    read_by = datetime.now(UTC)
    # A computation is no price.
    tws.send(21, req_id, 13, 0, 0.2, 0.5, 1.0, 0.0, 0.01, 0.1, -0.02, 100.0)
    if how == "by its end":
        tws.send(57, 1, req_id)
    elif how == "taken back":
        await broker.ping()
        broker.cancel_snapshot(STOCK.con_id)
    return await taking, read_by


@pytest.mark.parametrize("how", ["by its end", "at its time limit", "taken back"])
@pytest.mark.parametrize("settled", [None, Settled()], ids=["snapshot", "short stream"])
def test_a_quote_is_of_the_time_of_its_last_price(how: str, settled: Settled | None) -> None:
    async def run() -> None:
        async with connected() as (tws, broker, _):
            asked_at = datetime.now(UTC)
            quote, read_by = await quote_that_ends(how, tws, broker, settled)
            assert quote.bid == 50
            assert asked_at < quote.observed_at <= read_by

    in_virtual_time(run())


@pytest.mark.parametrize("size", [0, 7])
def test_a_size_that_takes_a_side_away_or_gives_it_back_is_news_of_a_price(size: int) -> None:
    """One that changes nothing else is not."""

    async def run() -> None:
        async with connected() as (tws, broker, _):
            taking = asyncio.create_task(broker.snapshot_quote(STOCK, LIMIT_S))
            req_id = (await tws.request(MARKET_DATA))[2]
            tws.send(1, 6, req_id, 1, "50", 5, 0)
            await broker.ping()
            read_by = datetime.now(UTC)
            tws.send(2, 6, req_id, 0, size)
            tws.send(57, 1, req_id)
            quote = await taking
            assert (quote.observed_at > read_by) == (size == 0)

    in_virtual_time(run())


def test_a_quote_without_a_price_is_of_the_time_of_its_end() -> None:
    async def run() -> None:
        async with connected() as (_, broker, _):
            asked_at = datetime.now(UTC)
            quote = await broker.snapshot_quote(STOCK, LIMIT_S)
            assert quote.is_empty()
            assert quote.observed_at > asked_at

    in_virtual_time(run())
