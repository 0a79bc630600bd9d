"""An account's own update: which contracts it holds, and whether it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from slotwise.errors import BrokerError, BrokerTimeoutError
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.connected_broker import connected, with_tws
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import ScriptedTws
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts

ACCOUNT_UPDATES = "6"


def holding(tws: ScriptedTws, con_id: int, quantity: object, account: str = "DU1") -> None:
    """Send one row of a portfolio, of a stock."""
    tws.send(
        7, 8, con_id, f"S{con_id}", "STK", "", "0.0", "", "", "NASDAQ", "USD", f"S{con_id}", "NMS",
        quantity, "10.0", "100.0", "9.0", "0.0", "0.0", account,
    )  # fmt: skip


def update(
    tws: ScriptedTws, ready: str, held: Sequence[tuple[int, object]]
) -> Callable[[list[str]], None]:
    """Answer a request with an update, and its end with nothing."""

    def answer(fields: list[str]) -> None:
        if fields[2] != "1":
            return
        if ready:
            tws.send(6, 2, "AccountReady", ready, "", fields[3])
        for con_id, quantity in held:
            holding(tws, con_id, quantity, fields[3])
        tws.send(54, 1, fields[3])

    return answer


@with_tws
async def test_an_update_lists_what_is_held(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Rows of quantity 0 are no holdings; the subscription is ended, for there is only one."""
    tws.answers[ACCOUNT_UPDATES] = update(tws, "true", [(1, 10), (2, 0), (3, "-0.5")])
    assert await broker.account_holdings("DU1") == frozenset({1, 3})
    await tws.request(ACCOUNT_UPDATES, 2)
    sent = [fields[2:4] for fields in tws.received if fields[0] == ACCOUNT_UPDATES]
    assert sent == [["1", "DU1"], ["0", "DU1"]]


@pytest.mark.parametrize(
    ("ready", "held", "found"),
    [
        ("true", [], frozenset()),
        ("false", [(1, 10)], None),
        ("", [], None),
        ("", [(1, 10)], frozenset({1})),
        ("true", [(1, "ten")], None),
        ("true", [(1, "nan")], None),
        ("true", [(1, 10), (0, 5)], None),
        ("true", [(1, 10), (1, 0)], frozenset()),
        ("true", [(1, 0), (1, 10)], frozenset({1})),
    ],
)
def test_an_account_that_is_not_ready_lists_nothing(
    ready: str, held: Sequence[tuple[int, object]], found: frozenset[int] | None
) -> None:
    """Without a word on it an empty list may be no list; one that cannot be read is none."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            tws.answers[ACCOUNT_UPDATES] = update(tws, ready, held)
            assert await broker.account_holdings("DU1") == found

    asyncio.run(run())


@pytest.mark.parametrize("key", ["GrossPositionValue", "MaintMarginReq"])
def test_an_update_that_contradicts_itself_is_no_evidence(key: str) -> None:
    """It lists no holdings, and its values say that there are some."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):

            def answer(value: str) -> Callable[[list[str]], None]:
                def send(fields: list[str]) -> None:
                    tws.send(6, 2, key, value, "USD", fields[3])
                    update(tws, "true", [])(fields)

                return send

            tws.answers[ACCOUNT_UPDATES] = answer("1000.00")
            with pytest.raises(BrokerError, match="its values say some"):
                await broker.account_holdings("DU1")
            tws.answers[ACCOUNT_UPDATES] = answer("0.00")
            assert await broker.account_holdings("DU1") == frozenset()

    asyncio.run(run())


def test_two_accounts_are_asked_one_after_another() -> None:
    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            tws.answers[ACCOUNT_UPDATES] = update(tws, "true", [(1, 10)])
            found = await asyncio.gather(*map(broker.account_holdings, ("DU1", "DU2")))
            assert found == [frozenset({1})] * 2
            asked = [fields[2:4] for fields in tws.received if fields[0] == ACCOUNT_UPDATES][:3]
            assert asked == [["1", "DU1"], ["0", "DU1"], ["1", "DU2"]]

    asyncio.run(run())


def test_an_update_that_does_not_end_or_whose_connection_goes_is_none() -> None:
    async def run() -> None:
        async with connected(Timeouts(account_s=0.1)) as (tws, broker, _listener):
            tws.answers[ACCOUNT_UPDATES] = lambda _: holding(tws, 1, 10)
            with pytest.raises(BrokerTimeoutError, match="account's update"):
                await broker.account_holdings("DU1")
            tws.answers[ACCOUNT_UPDATES] = lambda _: tws.hang_up()
            with pytest.raises(BrokerError):
                await broker.account_holdings("DU1")

    asyncio.run(run())


@pytest.mark.parametrize("between", [True, False])
def test_a_late_end_completes_no_other_update(between: bool) -> None:
    """It comes while nothing is asked for, or amid the rows of the next update."""

    async def run() -> None:
        async with connected(Timeouts(account_s=0.5)) as (tws, broker, _listener):
            tws.answers[ACCOUNT_UPDATES] = lambda _: None
            with pytest.raises(BrokerTimeoutError):
                await broker.account_holdings("DU1")
            if between:
                tws.send(54, 1, "DU1")
                await broker.ping()
            else:
                tws.answers[ACCOUNT_UPDATES] = update(tws, "true", [(1, 10)])
                for _ in range(2):
                    with pytest.raises(BrokerError, match="an earlier request"):
                        await broker.account_holdings("DU1")
            tws.answers[ACCOUNT_UPDATES] = update(tws, "true", [(1, 10), (2, 10)])
            assert await broker.account_holdings("DU1") == frozenset({1, 2})

    in_virtual_time(run())


@with_tws
async def test_an_update_says_what_each_holding_is_worth(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """1.79e308 is TWS's word for none, and a text is no number."""

    def answer(fields: list[str]) -> None:
        if fields[2] == "1":
            for con_id, price, value in ((1, "2.5", "-750"), (2, "1.7976931348623157E308", "x")):
                tws.send(
                    7, 8, con_id, "S", "OPT", "20261218", "560", "P", "100", "", "USD", "S", "SPY",
                    "-3", price, value, "9.0", "12.5", "0.0", fields[3],
                )  # fmt: skip
            tws.send(54, 1, fields[3])

    tws.answers[ACCOUNT_UPDATES] = answer
    first, second = await broker.account_marks("DU1")
    assert (first.con_id, first.account) == (1, "DU1")
    numbers = (first.quantity, first.price, first.value, first.unrealized_pnl)
    assert [str(number) for number in numbers] == ["-3", "2.5", "-750", "12.5"]
    assert (second.price, second.value) == (None, None)


@with_tws
async def test_a_holding_that_cannot_be_read_takes_no_other_mark_away(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    held = [(1, 10), (2, "ten"), (0, 5), (-1, 5), (3, 7), (3, 0)]
    tws.answers[ACCOUNT_UPDATES] = update(tws, "true", held)
    assert [mark.con_id for mark in await broker.account_marks("DU1")] == [1]


@with_tws
async def test_marks_of_an_account_that_is_not_ready_are_not_taken(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    tws.answers[ACCOUNT_UPDATES] = update(tws, "false", [(1, 10)])
    with pytest.raises(BrokerError, match="not ready"):
        await broker.account_marks("DU1")
