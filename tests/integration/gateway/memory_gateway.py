"""A gateway over a broker in memory and a real Redis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from slotwise.position import Position
from slotwise.reconciliation.evidence import Execution
from slotwise.update import PositionUpdate
from tests.integration.gateway.running_gateway import MemoryRegistry
from tests.support.values import option, position
from tests.unit.gateway.fake_broker import FakeBroker

HELD = [position(con_id, contract=option(con_id)) for con_id in range(1, 201)]


def broker() -> FakeBroker:
    made = FakeBroker()
    made.portfolio = list(HELD)
    return made


class Desk:
    """A handler that remembers."""

    name = "desk"

    def __init__(self) -> None:
        self.seen: list[PositionUpdate] = []

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        self.seen += updates


def twenty() -> MemoryRegistry:
    registry = MemoryRegistry()
    registry.activate("condors", range(1, 21))
    return registry


def close(tws: FakeBroker, place: int) -> None:
    """Sell a holding off, and have TWS say so."""
    gone = tws.portfolio.pop(place)
    zero = msgspec.structs.replace(gone, quantity=Decimal(0), observed_at=datetime.now(UTC))
    tws.listener.on_position(zero)


def sell(tws: FakeBroker, gone: Position) -> None:
    """Have executions say that a holding was sold off, just now."""
    tws.traded.append(
        Execution(
            exec_id="0000.1.01", account=gone.account, con_id=gone.contract.con_id,
            quantity=-gone.quantity, price=Decimal(1), at=datetime.now(UTC), client_id=0,
            order_id=0,
        )
    )  # fmt: skip
