"""An answer of positions is complete, exact and its own."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from slotwise.account import forget_accounts, know_accounts
from slotwise.errors import (
    BrokerError,
    BrokerTimeoutError,
    RequestRefusedError,
)
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.connected_broker import connected, with_tws
from tests.unit.gateway.listeners import Remembering, soon
from tests.unit.gateway.scripted_tws import (
    POSITIONS,
    ScriptedTws,
)
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts
from workers.gateway.position_answer import ALL_ACCOUNTS


@with_tws
async def test_positions_are_complete_and_exact(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Rows until the end are the answer; a holding sent twice counts once, as sent last."""

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


@with_tws
async def test_a_holding_that_an_answer_also_lists_with_quantity_0_stays_open(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """The last row counts, and no other is passed on before it."""

    def answer(_: list[str]) -> None:
        for quantity in (10, 0, 10):
            tws.position(1, quantity)
        tws.send(62, 1)
        tws.position(2)

    tws.answers[POSITIONS] = answer
    assert [(p.contract.con_id, p.quantity) for p in await broker.positions()] == [(1, Decimal(10))]
    assert (await soon(listener.positions)).contract.con_id == 2, "the first that is passed on"


def test_positions_without_their_end_are_none() -> None:
    """An answer that stops is given up; its late end does not complete the next answer."""

    async def run() -> None:
        async with connected(Timeouts(positions_s=0.2)) as (tws, broker, listener):
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
            pushed = [await soon(listener.positions) for _ in range(2)]
            assert [p.contract.con_id for p in pushed] == [1, 4]

    in_virtual_time(run())


@pytest.mark.parametrize("quantity", ["ten", "nan"])
def test_a_row_that_cannot_be_read_leaves_its_holding_open(quantity: str) -> None:
    """It must not look closed, nor hide the others; its account is not verified."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):

            def broken(_: list[str]) -> None:
                tws.position(1)
                tws.position(2, quantity)
                tws.send(62, 1)

            tws.answers[POSITIONS] = broken
            spoilt = await broker.positions()
            assert [p.contract.con_id for p in spoilt] == [1]
            assert spoilt.unreadable == {("DU1", 2)}
            assert "cannot be read" in spoilt.remarks["DU1"]

            def whole(_: list[str]) -> None:
                tws.position(1)
                tws.send(62, 1)

            tws.answers[POSITIONS] = whole
            found = await broker.positions()
            assert (len(found), found.remarks) == (1, {})

    in_virtual_time(run())


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


NOT_YET = (2151, "Positions info is not available yet")
READ_ONLY = (321, "The API interface is currently in Read-Only mode.")


@with_tws
async def test_an_error_without_an_id_ends_the_request_with_its_own_words(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """At once; and the next request is answered by its own end."""
    tws.answers[POSITIONS] = lambda _: tws.error(-1, *READ_ONLY)
    with pytest.raises(RequestRefusedError, match="TWS error 321: The API interface"):
        await asyncio.wait_for(broker.positions(), 1)

    def whole(_: list[str]) -> None:
        tws.position(1)
        tws.send(62, 1)

    tws.answers[POSITIONS] = whole
    found = await broker.positions()
    assert (len(found), found.certain) == (1, True)


@with_tws
async def test_notices_of_the_connection_do_not_end_a_request_for_positions(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    def answer(_: list[str]) -> None:
        for code in (2104, 2106, 2158, 2103, 1102, 10197, 2107):
            tws.error(-1, code, "some farm")
        tws.position(1)
        tws.send(62, 1)

    tws.answers[POSITIONS] = answer
    found = await broker.positions()
    assert (len(found), found.remarks) == (1, {})


@pytest.mark.parametrize("ends", [True, False])
def test_a_remark_on_positions_belongs_to_the_answer(ends: bool) -> None:
    """With its end it is an answer that is remarked on, without one a refusal in TWS's words."""

    async def run() -> None:
        async with connected(Timeouts(positions_s=5, remarked_s=0.1)) as (tws, broker, _listener):

            def answer(_: list[str]) -> None:
                tws.error(-1, *NOT_YET)
                if ends:
                    tws.send(62, 1)

            tws.answers[POSITIONS] = answer
            asked = asyncio.wait_for(broker.positions(), 2)
            if ends:
                found = await asked
                assert list(found) == []
                assert found.remarks == {ALL_ACCOUNTS: f"TWS notice 2151: {NOT_YET[1]}"}
            else:
                with pytest.raises(BrokerError, match="2151: Positions info"):
                    await asked

    in_virtual_time(run())


@with_tws
async def test_a_remark_names_the_accounts_that_are_away(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    def answer(_: list[str]) -> None:
        tws.error(-1, 10275, "Positions info is not available for account(s): DU1 until approved.")
        tws.send(62, 1)

    tws.answers[POSITIONS] = answer
    assert list((await broker.positions()).remarks) == ["DU1"]


@with_tws
async def test_a_remark_on_an_account_that_the_login_does_not_list_leaves_the_others_alone(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Known by its form, or because it was seen before."""

    def answer(_: list[str]) -> None:
        tws.error(-1, 10275, "Positions info is not available for account(s): U7654321,ODD12XY9.")
        tws.send(62, 1)

    tws.answers[POSITIONS] = answer
    assert list((await broker.positions()).remarks) == ["U7654321"]
    know_accounts(["ODD12XY9"])
    try:
        assert list((await broker.positions()).remarks) == ["U7654321", "ODD12XY9"]
    finally:
        forget_accounts()


def test_a_push_counts_while_requests_stay_unanswered() -> None:
    """What came of an answer without an end is true as well, and numbered before the push."""

    async def run() -> None:
        async with connected(Timeouts(positions_s=0.1)) as (tws, broker, listener):
            tws.answers[POSITIONS] = lambda _: tws.position(1)
            with pytest.raises(BrokerTimeoutError):
                await broker.positions()
            tws.position(1, 0)
            row, push = await soon(listener.positions), await soon(listener.positions)
            assert [row.quantity, push.quantity] == [10, 0]
            assert (row.sequence or 0) < (push.sequence or 0)

    in_virtual_time(run())


@with_tws
async def test_a_push_right_behind_the_end_is_newer_than_the_answer(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """In one packet, so that it is passed on before the caller has the answer."""

    def answer(_: list[str]) -> None:
        tws.position(1, 10)
        tws.send(62, 1)
        tws.position(1, 12)

    tws.answers[POSITIONS] = answer
    found = await broker.positions()
    push = await soon(listener.positions)
    assert [found[0].quantity, push.quantity] == [10, 12]
    assert (found.sequence or 0) < (push.sequence or 0)
