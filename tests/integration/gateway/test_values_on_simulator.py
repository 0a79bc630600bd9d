"""Every kind of contract from TWS's socket to the lake: its value in money, worked out by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.lander import Lander
from slotwise.lake.store import Lake
from tests.integration.gateway.gateway_floor import broker_of
from tests.integration.gateway.running_gateway import Landing, MemoryRegistry, config, running
from tests.integration.gateway.test_contracts_on_simulator import portfolio, worth
from tests.unit.gateway.listeners import until
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer

#: Contracts whose details TWS is asked for one after another, and then their lines, seconds.
TIMEOUT_S = 40.0


def test_the_lake_says_what_every_kind_is_worth(bus: Bus, lake: Lake, tmp_path: Path) -> None:
    """Streamed, so that each row has a quote; what is not quoted has no value."""
    expected = {con_id: round(value, 2) for con_id, value in worth().items()}

    async def run() -> set[int]:
        made = SimulatorConfig(portfolio=portfolio(tmp_path))
        async with SimulatorServer(made) as simulator:
            settings = config(bus, ib_port=simulator.port, poll_interval_s=1.0)
            held = {p.contract.con_id for p in simulator.world.accounts.positions()}
            registry = MemoryRegistry()
            registry.activate("everything", held)
            async with running(settings, broker_of(settings), bus, registry):
                landing = Landing(bus)

                def valued() -> set[int]:
                    newest = {r["con_id"]: r for r in landing.rows("position_updates")}
                    return {c for c, r in newest.items() if r["market_value"] is not None}

                await until(lambda: expected.keys() <= valued(), TIMEOUT_S)
            return held

    held = asyncio.run(run())
    now = datetime.now(UTC)
    Lander(lake, LandingStream(bus)).land(now)
    rows = {row["con_id"]: row for row in positions_as_of(lake, now).to_pylist()}
    assert rows.keys() == held
    assert {n: round(rows[n]["market_value"], 2) for n in expected} == expected
    for con_id in held - expected.keys():
        row = rows[con_id]
        assert (row["price"], row["price_source"], row["market_value"]) == (None, "none", None)
    for row in rows.values():
        if row["market_value"] is not None and row["avg_cost"] is not None:
            gain = row["market_value"] - row["quantity"] * row["avg_cost"]
            assert abs(row["unrealized_pnl"] - gain) <= Decimal("0.00001")
