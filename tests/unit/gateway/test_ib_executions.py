"""Executions of the day: whole or not at all, the newest word on each."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from slotwise.errors import BrokerError, BrokerTimeoutError, RequestRefusedError
from slotwise.reconciliation.evidence import Execution
from slotwise.reconciliation.executions import newest
from tests.support.values import NOON
from tests.unit.gateway.connected_broker import connected, refuse, with_tws
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import ScriptedTws
from workers.gateway.evidence import MAX_LOOK_UPS, gather
from workers.gateway.ib.executions import execution_from, time_from
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts

EXECUTIONS = "7"


def row(req_id: str, exec_id: str = "0a.01.01", **changes: object) -> list[object]:
    """Make message 11 as a server of version 178 sends it."""
    fields = {
        "order_id": 9, "con_id": 761, "symbol": "SPY", "sec_type": "STK", "expiry": "",
        "strike": 0.0, "right": "", "multiplier": "", "exchange": "SMART", "currency": "USD",
        "local_symbol": "SPY", "trading_class": "SPY", "exec_id": exec_id,
        "time": "20261123 09:30:05 US/Eastern", "account": "DU1", "at": "NYSE", "side": "SLD",
        "shares": "5", "price": 600.25, "perm_id": 1, "client_id": 3, "liquidation": 0,
        "cum": 5, "average": 600.25, "ref": "hedge", "rule": "", "rule_multiplier": "", "model": "",
        "liquidity": 2, "pending": 0,
    }  # fmt: skip
    return [11, req_id, *(fields | changes).values()]


@with_tws
async def test_executions_are_passed_on_with_sign_and_time(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    def answer(fields: list[str]) -> None:
        tws.send(*row(fields[2]))
        tws.send(*row(fields[2], "0b.01", side="BOT", model="Growth", client_id=0, order_id=0))
        tws.send(*row(fields[2], "0c.01", sec_type="BAG"))
        tws.send(55, 1, fields[2])

    tws.answers[EXECUTIONS] = answer
    sold, bought = await broker.executions()
    assert sold == Execution(
        exec_id="0a.01.01", account="DU1", con_id=761, quantity=Decimal(-5),
        price=Decimal("600.25"), at=datetime(2026, 11, 23, 14, 30, 5, tzinfo=UTC), client_id=3,
        order_id=9, symbol="SPY", currency="USD", order_ref="hedge",
    )  # fmt: skip
    assert (bought.quantity, bought.account, bought.is_by_hand) == (Decimal(5), "DU1", True)
    assert not sold.is_by_hand
    assert broker.accounts == ("DU1",)


@with_tws
async def test_commissions_come_before_the_end_or_after_it_and_may_be_none(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """What cannot be read, or is no number, leaves the commission unknown."""
    unset = "1.7976931348623157E308"

    def answer(fields: list[str]) -> None:
        for exec_id in ("a.01", "b.01", "c.01", "d.01"):
            tws.send(*row(fields[2], exec_id))
        tws.send(59, 1, "a.01", "1.05", "EUR", unset, unset, "")
        tws.send(59, 1, "b.01", unset, "USD", unset, unset, "")
        tws.send(59, 1, "c.01", "many", "USD", unset, unset, "")
        tws.send(55, 1, fields[2])
        tws.send(59, 1, "d.01", "-0.25", "USD", unset, unset, "")

    tws.answers[EXECUTIONS] = answer
    costs = {one.exec_id: one.commission for one in await broker.executions()}
    assert (costs["a.01"], costs["b.01"], costs["c.01"]) == (Decimal("1.05"), None, None)
    again = {one.exec_id: one for one in await broker.executions()}
    assert again["d.01"].commission == Decimal("-0.25")
    assert (again["a.01"].commission_currency, again["b.01"].commission_currency) == ("EUR", "")


@with_tws
async def test_an_execution_that_cannot_be_read_fails_the_answer(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Without it a trade would seem to be none."""

    def answer(fields: list[str]) -> None:
        tws.send(*row(fields[2], shares="many"))
        tws.send(55, 1, fields[2])

    tws.answers[EXECUTIONS] = answer
    with pytest.raises(BrokerError, match="cannot be read"):
        await broker.executions()


@with_tws
async def test_a_refusal_ends_it_at_once(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    tws.answers[EXECUTIONS] = refuse(tws, 321, "no")
    with pytest.raises(RequestRefusedError):
        await broker.executions()


def test_silence_ends_it_in_time() -> None:
    async def silent() -> None:
        async with connected(Timeouts(executions_s=0.1)) as (_, broker, _listener):
            with pytest.raises(BrokerTimeoutError):
                await broker.executions()
            assert broker.requests_under_way() == 0

    asyncio.run(silent())


@pytest.mark.parametrize(("models", "account"), [(True, "DU1/Growth"), (False, "DU1")])
def test_an_execution_in_a_model_is_of_the_account_that_its_holding_is_of(
    models: bool, account: str
) -> None:
    """Else its change of the holding is a fill besides, and the day's profit lacks it."""

    async def ask() -> None:
        async with connected(models=models) as (tws, broker, _):

            def answer(fields: list[str]) -> None:
                tws.send(*row(fields[2], model="Growth"))
                tws.send(55, 1, fields[2])

            tws.answers[EXECUTIONS] = answer
            assert [one.account for one in await broker.executions()] == [account]

    asyncio.run(ask())


@pytest.mark.parametrize(
    "text",
    [
        "20261123-14:30:05", "20261123 09:30:05", "20261123  08:30:05 America/Chicago",
        "20261123 23:30:05 JST", "20261123 22:30:05 HKT", "20261123 14:30:05 BST",
        "20261123 09:30:05 EST (Eastern Standard Time)",
    ],
)  # fmt: skip
def test_each_way_to_write_the_time_is_read(text: str) -> None:
    assert time_from(text) == datetime(2026, 11, 23, 14, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"time": "20261123 09:30:05 America"},
        {"time": "20261123 09:30:05 China Standard Time"},
        {"time": "99991231 23:59:59 US/Eastern"},
        {"shares": "NaN"},
        {"shares": "1.7976931348623157E308"},
    ],
)
def test_what_says_no_time_and_no_quantity_fails_as_what_cannot_be_read(
    changes: dict[str, object],
) -> None:
    """`America` is a folder of the zone database, and a day after the last one is none."""
    with pytest.raises(BrokerError, match="cannot be read"):
        execution_from([str(field) for field in row("1", "0a.01.01", **changes)])


def execution(exec_id: str, quantity: int = 1) -> Execution:
    return Execution(
        exec_id=exec_id, account="DU1", con_id=1, quantity=Decimal(quantity), price=Decimal(1),
        at=NOON, client_id=1, order_id=1,
    )  # fmt: skip


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    reported = [execution("a.01.01", 5), execution("b.01.01", 7), execution("a.01.02", 6)]
    assert {one.exec_id: int(one.quantity) for one in newest(reported)} == {
        "a.01.02": 6,
        "b.01.01": 7,
    }
    assert set(newest(reversed(reported))) == set(newest(reported))


def test_evidence_is_what_the_broker_could_answer() -> None:
    """A contract it has no more is reported as such; one that is not asked about is absent."""

    async def ask() -> None:
        broker = FakeBroker()
        await broker.connect(1)
        broker.unknown = {2}
        broker.traded = [execution("a.01")]
        evidence = await gather(broker, range(1, 2 * MAX_LOOK_UPS))
        assert evidence.executions == tuple(broker.traded)
        assert len(evidence.contracts) == MAX_LOOK_UPS
        assert evidence.contracts[2] is None
        assert evidence.contracts[1] is not None
        await broker.disconnect()
        nothing = await gather(broker, [1])
        assert (nothing.executions, nothing.contracts) == (None, {})

    asyncio.run(ask())
