"""Positions as recorded: what the whole gateway makes of answers without rows, and of closings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from slotwise.account import forget_accounts
from slotwise.bus.client import Bus
from tests.integration.gateway.running_gateway import Landing, MemoryRegistry, config, running
from tests.integration.recordings.played import CLIENT_ID, path_of
from tests.unit.gateway.listeners import until
from tws_simulator.replay.server import ReplayServer
from workers.gateway.gateway import Gateway
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts
from workers.gateway.session.states import State

SPY, AAPL, IBM = 756733, 265598, 8314
#: Answers that never come are given up soon, seconds.
TIMEOUTS = Timeouts(
    positions_s=1.0, remarked_s=0.3, account_s=1.0, executions_s=1.0, summary_s=1.0, details_s=1.0
)


@pytest.fixture(autouse=True)
def _no_known_accounts() -> Iterator[None]:
    """Forget the accounts that a test's gateway learns."""
    yield
    forget_accounts()


@asynccontextmanager
async def gateway_on(name: str, bus: Bus) -> AsyncIterator[Gateway]:
    """Play a recording to a gateway for the block."""
    async with ReplayServer(path_of(name)) as replay:
        settings = config(bus, ib_port=replay.port, ib_client_id=CLIENT_ID, poll_interval_s=1.0)
        broker = IbBroker(settings.ib_host, replay.port, CLIENT_ID, TIMEOUTS)
        async with running(settings, broker, bus, MemoryRegistry()) as gateway:
            yield gateway


def held(gateway: Gateway) -> set[int]:
    """Return the ids of the contracts that the gateway holds to be held."""
    return {con_id for _, con_id in gateway.router.portfolio.by_key}


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
