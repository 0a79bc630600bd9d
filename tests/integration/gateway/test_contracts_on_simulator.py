"""Every kind of contract over a real socket: looked up once, quoted where it is, and kept."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, RegistryChanged
from slotwise.bus.landing_stream import LandingStream
from slotwise.lake.contracts import kept_contracts
from slotwise.lake.lander import Lander
from slotwise.lake.store import Lake
from slotwise.rules.valuation import money
from tests.integration.gateway.gateway_floor import broker_of
from tests.integration.gateway.running_gateway import MemoryRegistry, config, running
from tests.support.wire_recount import requests_read
from tests.unit.gateway.listeners import until
from tests.unit.simulator.holdings import HOLDINGS
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from workers.gateway.gateway import Gateway

#: Contracts besides one of each type, by their ids: what a position of them is worth.
WHEAT, CATTLE, JSE, NIKKEI, CFD, TWO_ROWS = 1004, 1005, 1006, 1007, 1010, 1018
OTHERS = [
    # 2 x 5000 x 12.25 / 100 dollars: quoted in cents.
    {"con_id": WHEAT, "symbol": "ZW", "sec_type": "FOP", "expiry": "20281124", "strike": 600,
     "right": "C", "quantity": 2, "exchange": "CBOT", "multiplier": 5000, "price_magnifier": 100,
     "quote": {"bid": 12, "ask": 12.5}},
    {"con_id": CATTLE, "symbol": "LE", "sec_type": "FUT", "expiry": "20281031", "quantity": -1,
     "exchange": "CME", "multiplier": 40000, "price_magnifier": 100,
     "quote": {"bid": 180, "ask": 180.5}},
    {"con_id": JSE, "symbol": "NPN", "currency": "ZAR", "exchange": "JSE", "price_magnifier": 100,
     "quantity": 3, "quote": {"bid": 399900, "ask": 400100}},
    {"con_id": NIKKEI, "symbol": "N225", "sec_type": "OPT", "expiry": "20281208", "strike": 40000,
     "right": "P", "quantity": 1, "exchange": "OSE.JPN", "currency": "JPY", "multiplier": 1000,
     "quote": {"bid": 500, "ask": 510}},
    # Sent on to a London share that is not held; in pence.
    {"con_id": CFD, "symbol": "VOD", "sec_type": "CFD", "currency": "GBP", "quantity": 100,
     "reroute": {"con_id": 2001, "exchange": "SMART"}},
    {"con_id": TWO_ROWS, "symbol": "NQ", "sec_type": "FUT", "expiry": "20281215", "quantity": 1,
     "multiplier": 20, "valid_exchanges": ["QBALGO", "CME"],
     "quote": {"bid": 21000, "ask": 21001}},
]  # fmt: skip
SHARE = {
    "con_id": 2001, "symbol": "VOD", "sec_type": "STK", "currency": "GBP", "exchange": "LSE",
    "price_magnifier": 100, "quote": {"bid": 70, "ask": 72},
}  # fmt: skip
WORTH = {
    WHEAT: "1225", CATTLE: "-72100", JSE: "12000", NIKKEI: "505000", CFD: "71", TWO_ROWS: "420010",
}  # fmt: skip


def portfolio(folder: Path) -> Path:
    """Write a portfolio of every security type and of odd ones, none of which expires soon."""
    entries = []
    for number, held in enumerate(HOLDINGS.values(), 3001):
        entry = dict(held.entry) | {"con_id": number}
        if "expiry" in entry:
            entry["expiry"] = f"2028{entry['expiry'][4:]}"
        entries.append(entry)
    account = {"account": "DU1234567", "positions": [*entries, *OTHERS]}
    path = folder / "portfolio.json"
    path.write_text(json.dumps({"accounts": [account], "contracts": [SHARE]}, default=float))
    return path


def worth() -> Mapping[int, Decimal]:
    """Return what the position of each contract is worth in money, worked out by hand."""
    values = {n: held.value for n, held in enumerate(HOLDINGS.values(), 3001)} | WORTH
    return {con_id: Decimal(value) for con_id, value in values.items() if value is not None}


def seen(bus: Bus) -> dict[int, Decimal]:
    """Value what is on the boards, to the cent."""
    board = SnapshotBoard(bus).all()
    if board is None:
        return {}
    quotes = QuoteBoard(bus).get([p.contract.con_id for p in board[1]])
    values = {}
    for position in board[1]:
        quote = quotes.get(position.contract.con_id)
        if quote is not None:
            value = money(position.contract, position.quantity, quote.price()[0])
            if value is not None:
                values[position.contract.con_id] = round(value, 2)
    return values


def details_asked(wire_log: Path) -> Counter[str]:
    """Count the requests for details, by contract id and symbol."""
    return Counter(fields[3] for fields in requests_read(wire_log) if fields[0] == "9")


def test_every_kind_of_contract_is_quoted_and_valued(bus: Bus, tmp_path: Path) -> None:
    """In rotation: each is asked for details once, then for a quote where it is quoted."""

    async def run() -> None:
        log = tmp_path / "wire.jsonl"
        made = SimulatorConfig(portfolio=portfolio(tmp_path), wire_log=log)
        async with SimulatorServer(made) as simulator:
            settings = config(bus, ib_port=simulator.port, rotation=True, poll_interval_s=1.0)
            async with running(settings, broker_of(settings), bus, MemoryRegistry()):
                await until(lambda: seen(bus) == worth(), 30.0)
        asked = details_asked(log)
        assert set(asked) >= {str(con_id) for con_id in worth()}
        assert "2001" in asked, "the share of the CFD"
        assert set(asked.values()) == {1}

    asyncio.run(run())


def test_known_contracts_are_asked_for_no_details(bus: Bus, lake: Lake, tmp_path: Path) -> None:
    """A second gateway starts from the lake; an activation waits for no look-up."""

    async def run() -> None:
        registry = MemoryRegistry()
        first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
        path = portfolio(tmp_path)
        async with SimulatorServer(SimulatorConfig(portfolio=path, wire_log=first)) as simulator:
            settings = config(bus, ib_port=simulator.port, rotation=True, poll_interval_s=1.0)
            async with running(settings, broker_of(settings), bus, registry):
                await until(lambda: seen(bus) == worth(), 30.0)
        Lander(lake, LandingStream(bus)).land(datetime.now(UTC))
        kept = {one.con_id: one for one in kept_contracts(lake)}
        assert {con_id for con_id, one in kept.items() if one.details} >= set(worth())
        assert kept[CFD].quoted_as == 2001
        bus.redis.flushall()
        async with SimulatorServer(SimulatorConfig(portfolio=path, wire_log=second)) as simulator:
            settings = config(bus, ib_port=simulator.port, rotation=True, poll_interval_s=1.0)
            broker = broker_of(settings)
            read = lambda: kept_contracts(lake)  # noqa: E731  # what `run` gives the gateway
            async with running(settings, broker, bus, registry, kept_contracts=read) as gateway:
                await until(lambda: seen(bus) == worth(), 30.0)
                registry.activate("all", [WHEAT, NIKKEI, CFD, TWO_ROWS])
                Commands(bus).send(RegistryChanged())
                await _streams(gateway, 4)
        assert details_asked(second) == Counter()

    asyncio.run(run())


async def _streams(gateway: Gateway, lines: int) -> None:
    held = gateway.table.held
    await until(lambda: len(held) == lines and all(line.quote for line in held.values()))
