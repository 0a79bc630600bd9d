"""Positions as recorded: what the whole gateway makes of answers without rows, and of closings."""

from __future__ import annotations

import asyncio

import pytest

from slotwise.bus.client import Bus
from tests.integration.gateway.running_gateway import Landing
from tests.integration.recordings.played_gateway import gateway_on, held
from tests.unit.gateway.listeners import until
from workers.gateway.session.states import State

SPY, AAPL, IBM = 756733, 265598, 8314


@pytest.mark.parametrize(
    "name", ["no_rows_while_tws_logs_in", "no_rows_and_2151", "no_rows_and_no_end"]
)
def test_an_answer_without_rows_closes_nothing_while_tws_logs_in(bus: Bus, name: str) -> None:
    """Holdings are unknown meanwhile, which is said, and known again with the next whole answer."""

    async def run() -> None:
        async with gateway_on(name, bus) as gateway:
            await until(lambda: held(gateway) == {SPY, AAPL, IBM})
            await until(lambda: gateway.status().unknown)
            assert "unknown since" in gateway.status().detail
            assert held(gateway) == {SPY, AAPL, IBM}
            await until(lambda: not gateway.status().unknown)
            assert held(gateway) == {SPY, AAPL, IBM}
        assert Landing(bus).closed() == []

    asyncio.run(run())


def test_a_row_of_quantity_0_is_no_holding(bus: Bus) -> None:
    async def run() -> None:
        async with gateway_on("rows_of_quantity_0_in_an_answer", bus) as gateway:
            await until(lambda: SPY in held(gateway))
            polled_at = gateway.status().polled_at
            await until(lambda: gateway.status().polled_at != polled_at)
            assert held(gateway) == {SPY}
            assert gateway.status().positions == 1
            assert not gateway.status().unknown

    asyncio.run(run())


def test_a_reverse_split_closes_one_contract_and_opens_another(bus: Bus) -> None:
    """No trade explains it: the account's own update, which lacks the former id too, does."""
    former, later, others = 610000111, 780000222, {SPY, IBM, 51529211, 4391, 208813719}

    async def run() -> None:
        async with gateway_on("reverse_split_gives_another_con_id", bus) as gateway:
            await until(lambda: former in held(gateway))
            await until(lambda: held(gateway) == {later, *others}, 60)
            await until(lambda: not gateway.status().unknown)
        assert Landing(bus).closed() == [former]

    asyncio.run(run())


@pytest.mark.parametrize("name", ["2110_in_the_greeting", "1100_and_neither_1101_nor_1102"])
def test_a_gateway_without_ib_comes_back_by_whatever_shows_that_ib_is_there(
    bus: Bus, name: str
) -> None:
    async def run() -> None:
        async with gateway_on(name, bus) as gateway:
            blind = {State.BLIND.value, State.CONNECTING_BLIND.value}
            await until(lambda: gateway.status().session in blind)
            await until(lambda: gateway.status().session == State.READY.value)
            await until(lambda: held(gateway) == {SPY, AAPL, IBM})
        assert Landing(bus).closed() == []

    asyncio.run(run())
