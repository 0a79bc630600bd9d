"""Rows of the lake that the whole gateway makes of recorded holdings and their quotes."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.bus.status import SettleStatus
from tests.integration.gateway.running_gateway import Landing
from tests.integration.recordings.played_gateway import gateway_on
from tests.unit.gateway.listeners import until

#: Recording, contract, and of its row: price, value, gain.
ROWS = [
    ("cost_in_money_prices_in_cents", 708000111, "640.25", "6402.5", "18.07"),
    ("cost_in_money_prices_in_cents", 29612230, "14250", "14250", "1100"),
    ("cost_in_money_prices_in_cents", 708000222, "12.25", "1225", "0"),
    ("bond_in_percent_of_par", 520000111, "98.775", "4938.75", "13.25"),
    ("options_that_smart_does_not_route", 495512572, "50.5", "-2525", "-12.5"),
    ("options_that_smart_does_not_route", 700000301, "50.5", "-2020", "1228"),
    ("positions_without_exchange", 495512563, "6810.25", "681025", "775"),
    ("positions_with_exchange", 495512563, "6810.25", "681025", "775"),
    ("positions_without_exchange", 711280079, "6.06", "-6060", "-9"),
    ("positions_with_exchange", 711280079, "6.06", "-6060", "-9"),
    ("average_cost_unknown", 265598, "231.15", "2311.5", None),
    ("cfd_is_sent_on_to_its_share", 120550477, "301.125", "3011.25", "8.75"),
    ("closed_market_has_last_and_close", 265598, "231.15", "2311.5", "511.5"),
]


@pytest.mark.parametrize(("name", "con_id", "price", "value", "gain"), ROWS)
def test_a_holding_is_valued_in_money(
    bus: Bus, name: str, con_id: int, price: str, value: str, gain: str | None
) -> None:
    async def run() -> None:
        async with gateway_on(name, bus, [con_id]):

            def priced() -> list[dict[str, Any]]:
                rows = Landing(bus).rows("position_updates")
                return [
                    row
                    for row in rows
                    if row["con_id"] == con_id and row["price"] == Decimal(price)
                ]

            await until(priced)
            row = priced()[-1]
        assert row["source"] == "stream"
        assert row["market_value"] == Decimal(value)
        assert row["unrealized_pnl"] == (None if gain is None else Decimal(gain))

    asyncio.run(run())


def test_that_another_session_has_the_data_is_reported(bus: Bus) -> None:
    """By the gateway's status, which every screen shows."""
    spy, aapl = 756733, 265598

    async def run() -> None:
        async with gateway_on("another_session_has_the_data", bus, [spy, aapl]) as gateway:
            await until(
                lambda: "competing_session" in {c.name for c in gateway.status().conditions}
            )
            assert {row["con_id"] for row in Landing(bus).rows("position_updates")} <= {spy, aapl}
            assert gateway.status().positions == 2

    asyncio.run(run())


def test_an_option_in_turn_is_quoted_by_a_stream_once_its_snapshot_was_slow(bus: Bus) -> None:
    """The first snapshot gives no computation; what comes after it is whole, and sooner."""
    put = 711280079

    async def run() -> None:
        name = "option_snapshot_ends_after_11_s"
        async with gateway_on(name, bus, speed=4, rotation=True, lines=10) as gateway:

            def took() -> dict[str, SettleStatus]:
                return {s.way: s for s in gateway.status().rotation.settle if s.kind == "OPT"}

            await until(lambda: "stream" in took())
            snapshot, stream = took()["snapshot"], took()["stream"]
            assert (snapshot.complete, stream.complete) == (0, 1)
            assert stream.median_s < snapshot.median_s / 2
            board = QuoteBoard(bus)
            await until(lambda: (quote := board.get([put]).get(put)) and quote.ask)
            assert board.get([put])[put].delta == -0.412

    asyncio.run(run())
