"""Cost, price and value of recorded holdings: in money, whatever their prices are quoted in."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from msgspec.structs import replace

from slotwise.contract_details import completed
from slotwise.position import Position
from slotwise.rules.valuation import Value, value_of
from tests.integration.recordings.played import Played, named, played

WHEAT, PENCE, CORN = 708000111, 29612230, 708000222
BOND, BILL = 520000111, 520000222


async def held(p: Played) -> dict[int, Position]:
    """Return the positions by contract."""
    return {one.contract.con_id: one for one in await p.broker.positions()}


async def valued(p: Played, position: Position, price: str | Decimal | None) -> Value:
    """Look the contract up, and value its holding at a price as quoted."""
    details = await p.broker.details(position.contract.con_id)
    contract = completed(position.contract, details)
    return value_of(replace(position, contract=contract), None if price is None else Decimal(price))


def test_a_price_in_cents_or_pence_is_worth_a_hundredth_of_it() -> None:
    async def run() -> None:
        async with played("cost_in_money_prices_in_cents") as p:
            positions = await held(p)
            assert value_of(positions[WHEAT], Decimal("640.25")) == Value(None, None), (
                "without details the unit of the price is not known"
            )
            wheat = await valued(p, positions[WHEAT], "640.25")
            assert wheat == Value(Decimal("6402.50"), Decimal("18.07"))
            share = await valued(p, positions[PENCE], "14250")
            assert share == Value(Decimal(14250), Decimal(1100))
            corn = await valued(p, positions[CORN], "12.25")
            assert corn == Value(Decimal(1225), Decimal(0))

    asyncio.run(run())


def test_a_bond_is_worth_its_percent_of_par() -> None:
    async def run() -> None:
        async with played("bond_in_percent_of_par") as p:
            positions = await held(p)
            p.open(BOND, sec_type="BOND")
            quote = await p.quotes.of(BOND, lambda q: q.ask)
            bond = await valued(p, positions[BOND], quote.price()[0])
            assert bond == Value(Decimal("4938.75"), Decimal("13.25"))
            bill = await valued(p, positions[BILL], "99.50")
            assert bill == Value(Decimal(2985), Decimal("11.4"))

    asyncio.run(run())


def test_an_unknown_cost_leaves_the_holding_and_makes_its_gain_unknown() -> None:
    async def run() -> None:
        async with played("average_cost_unknown") as p:
            answer = await p.broker.positions()
            costs = {one.contract.con_id: one.avg_cost for one in answer}
            assert costs == {756733: None, 265598: None, 8314: None, 12087792: Decimal("1.0812")}
            assert not answer.remarks
            [first, *_] = answer
            known = replace(first, contract=named(756733))
            assert value_of(known, Decimal(560)) == Value(Decimal(168000), None)

    asyncio.run(run())
