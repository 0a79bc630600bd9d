"""Executions over a real socket: of every account, once, and none missed while disconnected."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

from slotwise.bus.client import Bus
from tests.integration.gateway.gateway_floor import Floor
from tests.integration.gateway.portfolio_floor import Book, running_stand
from tests.integration.gateway.portfolio_floor import shared as shared
from tests.unit.gateway.listeners import until


def executed(f: Floor) -> list[tuple[str, int, Decimal, Decimal]]:
    """Read what landed of executions: account, contract, quantity and price."""
    return [
        (row["account"], row["con_id"], row["quantity"], row["price"])
        for row in f.landing.rows("executions")
    ]


def test_executions_of_all_accounts_land_once_also_those_of_an_outage(
    bus: Bus, tmp_path: Path
) -> None:
    async def run() -> None:
        async with running_stand(bus, tmp_path, 4, Book(), accounts=2) as f:
            held = [(p.account, p.contract.con_id) for p in f.simulator.world.accounts.positions()]
            assert len({account for account, _ in held}) == 2
            await until(lambda: f.gateway.session.ready.is_set())
            f.do(do="drop")
            expected = []
            for n, (account, con_id) in enumerate(held, 1):
                f.do(do="fill", account=account, con_id=con_id, quantity=n, price=n + 0.25)
                expected.append((account, con_id, Decimal(n), Decimal(n) + Decimal("0.25")))
            await until(lambda: len(executed(f)) == len(held))
            assert sorted(executed(f)) == sorted(expected)
            f.do(do="drop")
            await until(lambda: not f.gateway.session.ready.is_set())
            f.do(do="fill", account=held[0][0], con_id=held[0][1], quantity=-1, price=9.5)
            await until(lambda: len(executed(f)) > len(held))
            assert executed(f)[len(held) :] == [(*held[0], Decimal(-1), Decimal("9.5"))]
            rows = f.landing.rows("executions")
            assert all(row["commission"] > 0 for row in rows)
            assert {row["commission_currency"] for row in rows} == {"USD"}
            assert {row["client_id"] for row in rows} == {0}
            assert any(row["symbol"].startswith("SPY 20") for row in rows)

    asyncio.run(run())
