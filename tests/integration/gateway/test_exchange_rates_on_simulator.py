"""Exchange rates over a real socket: asked for, landed, on the board, and harmless when absent."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from pathlib import Path

from slotwise.bus.client import Bus
from slotwise.bus.rates import RatesBoard
from tests.integration.gateway.gateway_floor import broker_of, floor
from tests.integration.gateway.running_gateway import Landing, MemoryRegistry, config, running
from tests.integration.gateway.test_contracts_on_simulator import portfolio
from tests.support.wire_recount import requests_read
from tests.unit.gateway.listeners import until
from tws_simulator.book.rates import DOLLARS
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from workers.gateway.ib.timeouts import Timeouts

#: Messages to TWS: positions, an account summary, and its end.
POSITIONS, SUMMARY, CANCEL = "61", "62", "63"


def test_every_currency_that_is_held_gets_its_rate(bus: Bus, tmp_path: Path) -> None:
    async def run() -> None:
        made = SimulatorConfig(portfolio=portfolio(tmp_path))
        async with SimulatorServer(made) as simulator:
            settings = config(bus, ib_port=simulator.port)
            async with running(settings, broker_of(settings), bus, MemoryRegistry()):
                landing = Landing(bus)
                await until(lambda: landing.rows("exchange_rates"))
                held = {p.contract.currency for p in simulator.world.accounts.positions()}
                rows = {row["currency"]: row for row in landing.rows("exchange_rates")}
                assert held <= rows.keys()
                assert {row["base_currency"] for row in rows.values()} == {"USD"}
                for currency in held:
                    assert rows[currency]["rate"] == DOLLARS[currency], currency
                await until(lambda: RatesBoard(bus).get())
                board = {one.currency: one.rate for one in RatesBoard(bus).get()}
                assert board["GBP"] == Decimal("1.33")

    asyncio.run(run())


def frames(wire_log: Path, kind: str) -> int:
    """Count the messages of a kind that the gateway has sent."""
    return sum(fields[0] == kind for fields in requests_read(wire_log))


def test_a_tws_that_never_answers_the_account_request_does_no_harm(
    bus: Bus, tmp_path: Path
) -> None:
    """The request is cancelled; lines and polls go on."""

    async def run() -> None:
        log = tmp_path / "wire.jsonl"
        timeouts = Timeouts(summary_s=0.2)
        async with floor(
            bus, positions=30, active=5, poll_interval_s=0.5, wire_log=log, timeouts=timeouts
        ) as f:
            f.do(do="hang", request="account_summary")
            await f.steady(5)
            await until(lambda: log.exists() and frames(log, CANCEL) == 1)
            polls = frames(log, POSITIONS)
            await until(lambda: frames(log, POSITIONS) > polls + 1)
            assert (frames(log, SUMMARY), frames(log, CANCEL)) == (1, 1)
            await f.steady(5)
            assert Landing(bus).rows("exchange_rates") == []

    asyncio.run(run())


def test_a_rate_that_the_account_does_not_name_comes_from_a_pair_in_rotation(
    bus: Bus, tmp_path: Path
) -> None:
    """The pair is held and quoted in turn; a currency without a pair stays unknown."""
    held = [
        {"con_id": 1, "symbol": "SAP", "currency": "EUR", "quantity": 10},
        {"con_id": 2, "symbol": "7203", "currency": "JPY", "exchange": "TSEJ", "quantity": 100},
        {"con_id": 3, "symbol": "VOLV", "currency": "SEK", "quantity": 5},
        {"con_id": 4, "symbol": "GAW", "currency": "GBP", "quantity": 5},
        {"con_id": 5, "symbol": "EUR", "sec_type": "CASH", "quantity": 100,
         "quote": {"bid": 1.15, "ask": 1.17}},
        {"con_id": 6, "symbol": "USD", "sec_type": "CASH", "currency": "JPY", "quantity": 100,
         "quote": {"bid": 159, "ask": 161}},
    ]  # fmt: skip
    account = {"account": "DU1234567", "positions": held}
    file = {"accounts": [account], "unnamed_rates": ["EUR", "JPY", "SEK"]}
    path = tmp_path / "portfolio.json"
    path.write_text(json.dumps(file))

    async def run() -> None:
        async with SimulatorServer(SimulatorConfig(portfolio=path)) as simulator:
            settings = config(bus, ib_port=simulator.port, rotation=True, poll_interval_s=1.0)
            async with running(settings, broker_of(settings), bus, MemoryRegistry()):
                board = RatesBoard(bus)
                await until(lambda: {"EUR", "JPY"} <= {one.currency for one in board.get()}, 30.0)
                found = {one.currency: (one.rate, one.source) for one in board.get()}
                assert found["EUR"] == (Decimal("1.16"), "EUR.USD")
                assert found["JPY"] == (Decimal("0.00625"), "USD.JPY")
                assert found["GBP"] == (Decimal("1.33"), None)
                assert "SEK" not in found
                rows = {row["currency"]: row for row in Landing(bus).rows("exchange_rates")}
                assert rows["JPY"]["source"] == "USD.JPY"
                assert rows["GBP"]["source"] is None

    asyncio.run(run())
