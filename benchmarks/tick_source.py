"""A source of ticks at a given rate: the simulator, with its own market stopped."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from benchmarks.arrivals import mark, stamp
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.ticks import Tick, addressed, price_tick, size_tick

#: Types of ticks: prices and sizes of both sides.
BID, ASK, BID_SIZE, ASK_SIZE = 1, 2, 0, 3
#: Farms of all contracts of the simulator.
FARMS = ("usfarm", "usopt", "usfuture")
#: Makes the messages to one line at a price.
Say: TypeAlias = Callable[[float], tuple[Tick, ...]]

#: Ticks are written this often, seconds: one write for what is due.
STEP_S = 0.002


def change(price: float) -> tuple[Tick, ...]:
    """Write a change of a quote as TWS does: each side's price, then its size once more."""
    return (
        price_tick(BID, price, 1),
        size_tick(BID_SIZE, 1),
        price_tick(ASK, price, 1),
        size_tick(ASK_SIZE, 1),
    )


def bid(price: float) -> tuple[Tick, ...]:
    """Write a bid alone."""
    return (price_tick(BID, price, 1),)


class TickSource:
    """Serve positions and lines, and send bids to one client at a time."""

    def __init__(self, positions: int, lines: int, folder: Path) -> None:
        """Make a portfolio of this many shares; bare ib_async can stream each of them too."""
        portfolio = folder / "portfolio.json"
        held = [
            {"symbol": f"T{number}", "quantity": 10, "avg_cost": 100, "price": 100}
            for number in range(positions)
        ]
        accounts = [{"account": "DU1000001", "positions": held}]
        portfolio.write_text(json.dumps({"accounts": accounts}))
        self.server = SimulatorServer(
            SimulatorConfig(portfolio=portfolio, lines=lines, messages_per_s=0)
        )

    def quiet(self) -> None:
        """Stop the simulator's own market, without a notice to any client."""
        for farm in FARMS:
            now = self.server.now()
            self.server.world.market_data.note(ErrorCode.MARKET_FARM_BROKEN, farm, now)

    def lines_of(self, client_id: int) -> list[int]:
        """Return the request ids of a client's open lines."""
        held: set[int] = set()
        for event in list(self.server.ledger_events):
            if event.client_id != client_id:
                continue
            if event.event == "open":
                held.add(event.req_id)
            elif event.event in ("cancel", "end"):
                held.discard(event.req_id)
        return sorted(held)

    async def send(
        self, client_id: int, per_s: int, seconds: float, window: int, say: Say = change
    ) -> int:
        """Send ticks to a client's lines in turn for a while, and a mark; return how many.

        `say` makes the ticks of one line at a price, which is the time.
        """
        client, lines = self.server.world.clients[client_id], self.lines_of(client_id)
        each = len(say(stamp()))
        began, wanted = time.monotonic(), int(seconds * per_s / each)
        sent = 0
        while sent < wanted:
            due = min(int((time.monotonic() - began) * per_s / each), wanted) - sent
            ticks = say(stamp())
            client.send(*(addressed(lines[(sent + n) % len(lines)], ticks) for n in range(due)))
            sent += due
            await asyncio.sleep(STEP_S)
        client.send(addressed(lines[0], bid(mark(window))))
        return sent * each
