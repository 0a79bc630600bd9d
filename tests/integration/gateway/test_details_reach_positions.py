"""What details say reaches positions: on the board, in updates for handlers, and in their rows."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails
from slotwise.errors import BrokerTimeoutError
from tests.integration.gateway.memory_gateway import Desk
from tests.integration.gateway.running_gateway import Landing, MemoryRegistry, config, running
from tests.support.values import contract, details, position
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import until

#: A London share and a share of which TWS gives no details, as position rows name them.
PENCE, SILENT = (
    contract(con_id, exchange="LSE", currency="GBP", price_magnifier=None) for con_id in (1, 2)
)


class SlowBroker(FakeBroker):
    """A broker whose details come when a test lets them, and of one contract never."""

    def __init__(self) -> None:
        super().__init__()
        self.may_come = asyncio.Event()
        self.portfolio = [position(contract=PENCE), position(contract=SILENT)]
        share = msgspec.structs.replace(PENCE, price_magnifier=100)
        self.details_by_id = {1: details(share, valid_exchanges=("SMART", "LSE"))}

    async def details(self, con_id: int) -> ContractDetails:
        if con_id == 2:
            self.wire.append("details 2")
            raise BrokerTimeoutError("TWS did not answer a request for details of 2")
        await self.may_come.wait()
        return await super().details(con_id)


def on_board(bus: Bus) -> dict[int, Contract]:
    """Read the contracts of the positions on the board."""
    board = SnapshotBoard(bus).all()
    return {} if board is None else {p.contract.con_id: p.contract for p in board[1]}


def test_details_reach_board_handlers_and_rows(bus: Bus) -> None:
    """Before they are there a contract has no line; then its position is whole, without a wait."""

    async def run() -> None:
        tws, registry, desk = SlowBroker(), MemoryRegistry(), Desk()
        registry.activate("pence", [1])
        settings = config(bus, poll_interval_s=60.0)
        async with running(settings, tws, bus, registry, [desk]):
            await until(lambda: on_board(bus))
            assert on_board(bus)[1].price_magnifier is None
            assert not tws.lines
            tws.may_come.set()
            await until(lambda: 1 in tws.lines)
            tws.tick(1, bid=4290, ask=4300, observed_at=datetime.now(UTC))
            await until(lambda: [u for u in desk.seen if u.quote is not None])
            assert desk.seen[-1].position.contract.price_magnifier == 100
            # The next poll was not waited for: a poll is asked for when details have come.
            await until(lambda: on_board(bus)[1].price_magnifier == 100)
            assert on_board(bus)[1].exchange == "LSE"
            landing = Landing(bus)
            await until(
                lambda: [r for r in landing.rows("position_updates") if r["price"] is not None]
            )
            newest = landing.rows("position_updates")[-1]
            # 10 x 42.95 pounds.
            assert newest["market_value"] == Decimal("429.5")
            await until(lambda: landing.rows("contracts"))
            [kept] = landing.rows("contracts")
            assert (kept["con_id"], kept["price_magnifier"]) == (1, 100)
        assert tws.wire.count("details 1") == 1

    asyncio.run(run())


def test_details_of_what_matters_come_first(bus: Bus) -> None:
    """Active contracts by their priority, then the watchlist, then what is held; each once."""

    async def run() -> None:
        tws, registry = FakeBroker(), MemoryRegistry()
        tws.portfolio = [position(contract=contract(n, price_magnifier=None)) for n in range(1, 40)]
        registry.activate("second", [38, 70], priority=2)
        registry.activate("first", [71, 39], priority=1)
        settings = config(bus, watch=("VIX",), poll_interval_s=60.0)
        async with running(settings, tws, bus, registry):
            await until(lambda: len(_details(tws)) == 42)
            await until(lambda: tws.polls == 2)
        asked = _details(tws)
        assert sorted(asked) == [*range(1, 40), 70, 71, 9001]
        active = [con_id for con_id in asked[:5] if con_id != 9001]
        assert (set(active[:2]), set(active[2:])) == ({39, 71}, {38, 70})
        assert asked.index(9001) < 5
        assert asked[5:] == list(range(1, 38))

    asyncio.run(run())


def _details(tws: FakeBroker) -> list[int]:
    words = (word.split() for word in tws.wire)
    return [int(con_id) for kind, con_id in (w for w in words if len(w) == 2) if kind == "details"]


def test_contract_without_details_is_quoted_but_not_valued(bus: Bus) -> None:
    """No answer for its details: its line is asked for at SMART, its value stays unknown."""

    async def run() -> None:
        tws, registry, desk = SlowBroker(), MemoryRegistry(), Desk()
        registry.activate("silent", [2])
        async with running(config(bus, poll_interval_s=60.0), tws, bus, registry, [desk]):
            await until(lambda: 2 in tws.lines)
            tws.tick(2, bid=4290, ask=4300, observed_at=datetime.now(UTC))
            landing = Landing(bus)
            await until(
                lambda: [r for r in landing.rows("position_updates") if r["price"] is not None]
            )
            newest = landing.rows("position_updates")[-1]
            assert (newest["con_id"], newest["market_value"]) == (2, None)
        assert tws.wire.count("details 2") == 1

    asyncio.run(run())
