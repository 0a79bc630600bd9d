"""An answer of positions is complete, exact and its own."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from slotwise.errors import (
    BrokerError,
    BrokerTimeoutError,
)
from tests.unit.gateway.connected_broker import connected, with_tws
from tests.unit.gateway.listeners import Remembering, soon
from tests.unit.gateway.scripted_tws import (
    POSITIONS,
    ScriptedTws,
)
from workers.gateway.ib.connection import IbBroker
from workers.gateway.ib.patience import Patience


@with_tws
async def test_positions_are_complete_and_exact(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Rows until the end are the answer; a holding told twice counts once, as told last."""

    def answer(_: list[str]) -> None:
        tws.position(1, "0.1")
        tws.position(2)
        tws.position(1, "0.3")
        tws.send(62, 1)

    tws.answers[POSITIONS] = answer
    found = {p.contract.con_id: p for p in await broker.positions()}
    assert {con_id: p.quantity for con_id, p in found.items()} == {1: Decimal("0.3"), 2: 10}
    assert found[1].avg_cost == Decimal("100.5")
    assert found[1].observed_at.tzinfo is not None


def test_positions_without_their_end_are_none() -> None:
    """An answer that stops is given up; its late end does not complete the next answer."""

    async def run() -> None:
        async with connected(Patience(positions_s=0.2)) as (tws, broker, listener):
            tws.answers[POSITIONS] = lambda _: tws.position(1)
            with pytest.raises(BrokerTimeoutError):
                await broker.positions()

            def late(_: list[str]) -> None:
                tws.position(9)
                tws.send(62, 1)
                tws.position(2)
                tws.position(3)
                tws.send(62, 1)

            tws.answers[POSITIONS] = late
            assert [p.contract.con_id for p in await broker.positions()] == [2, 3]
            tws.position(4)
            assert (await soon(listener.positions)).contract.con_id == 4

    asyncio.run(run())


@pytest.mark.parametrize("quantity", ["ten", "nan"])
def test_a_row_that_cannot_be_read_spoils_its_answer(quantity: str) -> None:
    """A holding whose row is broken must not look closed; the next answer is a new start."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):

            def broken(_: list[str]) -> None:
                tws.position(1)
                tws.position(2, quantity)
                tws.send(62, 1)

            tws.answers[POSITIONS] = broken
            with pytest.raises(BrokerError, match="cannot be read"):
                await broker.positions()

            def whole(_: list[str]) -> None:
                tws.position(1)
                tws.send(62, 1)

            tws.answers[POSITIONS] = whole
            assert len(await broker.positions()) == 1

    asyncio.run(run())


@with_tws
async def test_two_polls_at_once_take_turns(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Overlapping polls both end, each with an answer of its own."""

    def answer(_: list[str]) -> None:
        tws.position(tws.count(POSITIONS))
        tws.send(62, 1)

    tws.answers[POSITIONS] = answer
    first, second = await asyncio.gather(broker.positions(), broker.positions())
    assert [p.contract.con_id for p in (*first, *second)] == [1, 2]


@with_tws
async def test_a_poll_ends_with_the_connection(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """A connection that goes during a poll is an error of that poll, at once."""
    tws.answers[POSITIONS] = lambda _: tws.hang_up()
    with pytest.raises(BrokerError):
        await broker.positions()
