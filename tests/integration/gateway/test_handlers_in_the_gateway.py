"""What a handler receives from a running gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from slotwise.bus.client import Bus
from slotwise.sighting import ConnectionState, ContractSeen, ContractUnseen
from slotwise.update import PositionUpdate
from tests.integration.gateway.running_gateway import Landing, MemoryRegistry, config, running
from tests.support.values import contract, known, option, position
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import until
from workers.gateway.broker import Upstream

HELD, WATCHED = 1, 777


class Watchful:
    """Note what is received."""

    name = "watchful"

    def __init__(self) -> None:
        self.updates: list[PositionUpdate] = []
        self.unseen: list[ContractUnseen] = []
        self.seen: list[ContractSeen] = []
        self.connections: list[ConnectionState] = []

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        self.updates += updates

    def on_unseen(self, contracts: Sequence[ContractUnseen]) -> None:
        self.unseen += contracts

    def on_seen(self, contracts: Sequence[ContractSeen]) -> None:
        self.seen += contracts

    def on_connection(self, connection: ConnectionState) -> None:
        self.connections.append(connection)

    def quantities(self, con_id: int) -> list[int]:
        return [int(u.position.quantity) for u in self.updates if u.position.key[1] == con_id]


def test_active_contracts_that_are_not_held_come_with_quantity_0(bus: Bus) -> None:
    """And leave no row in the lake, where they would be closings of nothing."""

    async def run() -> None:
        handler, tws, registry = Watchful(), FakeBroker(), MemoryRegistry()
        tws.portfolio = [position(HELD, contract=option(HELD))]
        registry.activate("entry", (HELD, WATCHED))
        async with running(config(bus), tws, bus, registry, [handler]):
            await until(lambda: len(tws.lines) == 2)
            tws.tick(HELD, bid=2, ask=3)
            tws.tick(WATCHED, bid=5, ask=6)
            await until(lambda: handler.quantities(WATCHED))
            [update] = [u for u in handler.updates if u.position.key[1] == WATCHED]
            assert (update.position.quantity, update.position.account) == (Decimal(0), "")
            assert update.position.avg_cost is None
            assert update.strategies == ("entry",)
            tws.listener.on_position(position(WATCHED, 3, contract=option(WATCHED)))
            await until(lambda: 3 in handler.quantities(WATCHED))
            tws.tick(WATCHED, bid=6, ask=7)
            await until(lambda: len(handler.quantities(WATCHED)) >= 3)
            assert handler.quantities(WATCHED)[-1] == 3
            rows = Landing(bus).rows("position_updates")
            await until(
                lambda: WATCHED in {r["con_id"] for r in Landing(bus).rows("position_updates")}
            )
            assert all(row["account"] for row in rows)

    asyncio.run(run())


def test_no_quantity_is_made_up_before_positions_are_known(bus: Bus) -> None:
    """What TWS has not sent yet is unknown, and not 0."""

    async def run() -> None:
        handler, tws, registry = Watchful(), FakeBroker(), MemoryRegistry()
        tws.portfolio = [position(HELD, contract=option(HELD))]
        tws.may_answer.clear()
        registry.activate("entry", (HELD,))
        async with running(config(bus), tws, bus, registry, [handler]) as gateway:
            await until(lambda: tws.polls)
            # As an earlier gateway has kept it: so the line does not wait for the answer.
            gateway._contracts.recall([known(contract(HELD))])
            await until(lambda: tws.lines)
            tws.tick(HELD, bid=2, ask=3)
            await asyncio.sleep(0.3)
            assert handler.updates == []
            tws.may_answer.set()
            await until(lambda: handler.quantities(HELD))
            assert set(handler.quantities(HELD)) == {10}

    asyncio.run(run())


def test_what_is_not_seen_and_the_connection_are_received(bus: Bus) -> None:
    """With a reason and since when, and again when it is over."""

    async def run() -> None:
        handler, tws, registry = Watchful(), FakeBroker(), MemoryRegistry()
        tws.portfolio = [position(HELD, contract=option(HELD))]
        registry.activate("desk", (HELD,))
        async with running(config(bus), tws, bus, registry, [handler]):
            await until(lambda: tws.lines)
            tws.tick(HELD, bid=2, ask=3)
            await until(lambda: any(c.is_ready for c in handler.connections))
            tws.silent_ib = True
            tws.upstream(Upstream.LOST)
            await until(lambda: handler.unseen)
            await until(lambda: not handler.connections[-1].is_ready)
            [unseen] = handler.unseen
            assert (unseen.contract.con_id, unseen.reason) == (HELD, "notice")
            lost = handler.connections[-1]
            assert lost.state == "TWS has lost IB"
            tws.upstream(Upstream.BACK)
            tws.tick(HELD, bid=2, ask=4)
            await until(lambda: handler.seen)
            [seen] = handler.seen
            assert (seen.contract.con_id, seen.unseen_since) == (HELD, unseen.since)
            await until(lambda: handler.connections[-1].is_ready)
            assert handler.connections[-1].conditions == ()

    asyncio.run(run())
