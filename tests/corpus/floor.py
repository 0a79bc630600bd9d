"""A broker that a scenario happens to: the simulator, ib_async on its socket, and a lake.

Simulator and broker live on an event loop in a thread of their own; a case talks to them from
outside, as a task does.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from ib_async import IB, MarketOrder

from slotwise.contract import PositionKey
from slotwise.position import Position, SnapshotHead
from slotwise.reconciliation.evidence import Evidence
from tests.unit.gateway.listeners import Remembering
from tws_simulator.config import SimulatorConfig
from tws_simulator.control.dispatch import dispatch
from tws_simulator.server import SimulatorServer
from workers.gateway.evidence import gather
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.translate import request_contract

#: Nothing asked of the broker may take longer, seconds.
TIMEOUT_S = 30.0
TRADER, GATEWAY = 5, 17
T = TypeVar("T")


class Loop:
    """Run coroutines on a loop in a thread, and wait for them here."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(TIMEOUT_S)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Floor:
    """Do things to the broker, and ask it as the gateway does."""

    def __init__(self, loop: Loop, server: SimulatorServer, broker: IbBroker) -> None:
        self._loop = loop
        self._server = server
        self._broker = broker
        self._trader: IB | None = None

    def do(self, **command: Any) -> Any:
        """Give the simulator a command."""

        async def send() -> Any:
            server = self._server
            line = json.dumps(command, default=float).encode()
            return json.loads(dispatch(line, server.world, server, server.now()))

        answer = self._loop.run(send())
        assert answer["ok"], (command, answer)
        return answer

    def held(self) -> dict[PositionKey, tuple[Decimal, Decimal, Decimal]]:
        """Return what the simulator's accounts hold: quantity, cost and multiplier."""

        async def look() -> dict[PositionKey, tuple[Decimal, Decimal, Decimal]]:
            return {
                (p.account, p.contract.con_id): (
                    p.quantity,
                    Decimal(str(p.avg_cost)),
                    p.contract.multiplier,
                )
                for p in self._server.world.accounts.positions()
            }

        return self._loop.run(look())

    def spot(self, symbol: str) -> float:
        """Return the price of an underlying."""

        async def look() -> float:
            return self._server.world.market.spot(symbol, self._server.now())

        return self._loop.run(look())

    def shares_of(self, symbol: str) -> int | None:
        """Name the stock of a symbol where it is held."""

        async def look() -> int | None:
            ids = (
                p.contract.con_id
                for p in self._server.world.accounts.positions()
                if (p.contract.symbol, p.contract.sec_type) == (symbol, "STK")
            )
            return next(ids, None)

        return self._loop.run(look())

    def trade(self, position: Position, change: int) -> None:
        """Fill a market order of another API client."""

        async def fill() -> None:
            if self._trader is None:
                self._trader = IB()
                await self._trader.connectAsync("127.0.0.1", self._server.port, TRADER, timeout=30)
            contract = request_contract(position.contract)
            contract.exchange = contract.exchange or "SMART"
            if contract.secType == "FUT":
                contract.exchange = "CME"
            order = MarketOrder("BUY" if change > 0 else "SELL", abs(change))
            order.account = position.account
            trade = self._trader.placeOrder(contract, order)
            async with asyncio.timeout(TIMEOUT_S):
                while trade.orderStatus.status != "Filled":
                    assert not trade.isDone(), trade.log
                    await asyncio.sleep(0.005)

        self._loop.run(fill())

    def snapshot(self, number: int) -> tuple[SnapshotHead, tuple[Position, ...]]:
        """Ask for all positions."""
        requested_at = datetime.now(UTC)
        positions = self._loop.run(self._broker.positions())
        head = SnapshotHead(
            snapshot_id=f"snapshot {number}",
            requested_at=requested_at,
            completed_at=datetime.now(UTC),
            count=len(positions),
        )
        return head, positions

    def evidence(self, con_ids: list[int]) -> Evidence:
        """Return the broker's data."""
        return self._loop.run(gather(self._broker, con_ids))

    def leave(self) -> None:
        """Let the trader go."""
        trader = self._trader
        if trader is None:
            return

        async def hang_up() -> None:
            trader.disconnect()
            while TRADER in self._server.world.clients:  # noqa: ASYNC110  # no event is set for it
                await asyncio.sleep(0.005)

        self._loop.run(hang_up())


@contextmanager
def floor(loop: Loop, positions: int, seed: int) -> Iterator[Floor]:
    """Open a floor for one case."""
    logging.getLogger("ib_async").setLevel(logging.CRITICAL)
    server = SimulatorServer(SimulatorConfig(positions=positions, seed=seed))
    loop.run(server.start())
    broker = IbBroker("127.0.0.1", server.port, GATEWAY)
    broker.listen(Remembering())
    try:
        loop.run(broker.connect(5))
        opened = Floor(loop, server, broker)
        try:
            yield opened
        finally:
            opened.leave()
            loop.run(broker.disconnect())
    finally:
        loop.run(server.stop())
