"""Positions as recorded: what the whole gateway makes of answers without rows, and of closings."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from tests.integration.gateway.running_gateway import Landing
from tests.integration.recordings.played import path_of
from tests.integration.recordings.played_gateway import gateway_on, held
from tests.unit.gateway.listeners import until
from tws_simulator.replay.server import ReplayServer
from workers.gateway.session.states import State

SPY, AAPL, IBM = 756733, 265598, 8314


@pytest.mark.parametrize(
    "name", ["no_rows_while_tws_logs_in", "no_rows_and_2151", "no_rows_and_no_end"]
)
def test_an_answer_without_rows_closes_nothing_while_tws_logs_in(bus: Bus, name: str) -> None:
    """Holdings are reported as unknown until the next whole answer, and then known again."""

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
            # Read from the record of states: the loss may end before the next look.
            blind = {State.BLIND.value, State.CONNECTING_BLIND.value}
            await until(lambda: blind & {one.state for one in gateway.status().sessions})
            await until(lambda: gateway.status().session == State.READY.value)
            await until(lambda: held(gateway) == {SPY, AAPL, IBM})
        assert Landing(bus).closed() == []

    asyncio.run(run())


def test_an_account_whose_positions_are_not_there_is_unknown_by_itself(bus: Bus) -> None:
    async def run() -> None:
        async with gateway_on("positions_of_one_account_are_not_there", bus) as gateway:
            await until(lambda: held(gateway) == {SPY, AAPL})
            await until(lambda: "DU0000002" in gateway.status().unknown)
            assert set(gateway.status().unknown) == {"DU0000002"}
            assert "10275" in gateway.status().detail

    asyncio.run(run())


def test_a_read_only_api_leaves_positions_unknown_with_the_reason(bus: Bus) -> None:
    async def run() -> None:
        async with gateway_on("321_without_an_id", bus) as gateway:
            await until(lambda: "321" in gateway.status().detail)
            assert gateway.status().session == State.READY.value
            assert "unknown since" in gateway.status().detail

    asyncio.run(run())


def test_a_gateway_follows_its_tws_to_the_port_that_1300_names(bus: Bus, tmp_path: Path) -> None:
    async def run() -> None:
        async with ReplayServer(path_of("text_at_178")) as moved:
            text = path_of("1300_names_the_new_port").read_text(encoding="utf-8")
            path = tmp_path / "moves.jsonl"
            path.write_text(text.replace("port - 4002", f"port - {moved.port}"), encoding="utf-8")
            async with gateway_on(path, bus) as gateway:
                await until(lambda: held(gateway) == {SPY, AAPL, IBM})
                texts = {one.name: one.text for one in gateway.status().conditions}
                assert f"set SLOTWISE_IB_PORT={moved.port}" in texts["port_moved"]

    asyncio.run(run())
