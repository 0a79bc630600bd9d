"""Exchange rates out of TWS's account summary, whatever else it says."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from slotwise.errors import BrokerError, BrokerTimeoutError, RequestRefusedError
from tests.support.values import NOON
from tests.unit.gateway.connected_broker import connected, with_tws
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import ScriptedTws
from workers.gateway.ib.account_summary import rates_from, summary_row
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.requests import SummaryRow
from workers.gateway.ib.timeouts import Timeouts

#: Messages to TWS: a request for a summary, and its end.
SUMMARY, CANCEL = "62", "63"
#: Messages of TWS: a row, and the end.
ROW, END = 63, 64


def rows(*values: tuple[str, str, str]) -> list[SummaryRow]:
    found = (summary_row("DU1", *value) for value in values)
    return [row for row in found if row is not None]


LEDGER = (
    ("NetLiquidation", "1234567.89", "USD"),
    ("Currency", "GBP", "GBP"),
    ("CashBalance", "500.00", "GBP"),
    ("ExchangeRate", "1.3312345", "GBP"),
    ("ExchangeRate", "0.0064", "JPY"),
    ("ExchangeRate", "1.00", "USD"),
    ("ExchangeRate", "1.00", "BASE"),
)


def test_each_currency_has_its_rate_to_the_base() -> None:
    found = rates_from(rows(*LEDGER), NOON)
    assert {(one.currency, one.base_currency, one.rate) for one in found} == {
        ("GBP", "USD", Decimal("1.3312345")),
        ("JPY", "USD", Decimal("0.0064")),
        ("USD", "USD", Decimal(1)),
    }
    assert {(one.account, one.observed_at) for one in found} == {("DU1", NOON)}


def test_no_amount_of_money_is_kept() -> None:
    assert [row.value for row in rows(*LEDGER)] == ["", "1.3312345", "0.0064", "1.00", "1.00"]


@pytest.mark.parametrize("value", ["", "NaN", "0", "-1", "1.7976931348623157E308", "dear"])
def test_a_rate_that_cannot_be_read_costs_only_itself(value: str) -> None:
    found = rates_from(rows(*LEDGER, ("ExchangeRate", value, "SEK")), NOON)
    assert len(found) == 3


def test_without_a_net_liquidation_the_only_currency_at_one_is_the_base() -> None:
    found = rates_from(rows(*LEDGER[1:]), NOON)
    assert {one.base_currency for one in found} == {"USD"}
    # A currency that is pegged to the base leaves two at one: then nothing is known.
    assert rates_from(rows(*LEDGER[1:], ("ExchangeRate", "1.0", "BMD")), NOON) == ()


@with_tws
async def test_a_summary_is_asked_for_and_cancelled(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """It is a subscription, of which TWS allows two."""

    def answer(fields: list[str]) -> None:
        for value in LEDGER:
            tws.send(ROW, 1, fields[2], "DU1", *value)
        tws.send(END, 1, fields[2])

    tws.answers[SUMMARY] = answer
    for _ in range(3):
        assert len(await broker.exchange_rates()) == 3
    await asyncio.sleep(0.05)
    assert tws.count(SUMMARY) == tws.count(CANCEL) == 3
    assert broker.requests_under_way() == 0


@with_tws
async def test_a_summary_that_is_refused_is_an_error(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    tws.answers[SUMMARY] = lambda fields: tws.error(int(fields[2]), 322, "Maximum number exceeded")
    with pytest.raises(RequestRefusedError):
        await broker.exchange_rates()
    assert broker.requests_under_way() == 0


@with_tws
async def test_a_summary_ends_with_the_connection(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    tws.answers[SUMMARY] = lambda fields: tws.hang_up()
    with pytest.raises(BrokerError):
        await broker.exchange_rates()


def test_a_tws_that_never_answers_costs_a_request_and_its_cancel() -> None:
    async def run() -> None:
        async with connected(Timeouts(summary_s=0.05)) as (tws, broker, _listener):
            for _ in range(3):
                with pytest.raises(BrokerTimeoutError):
                    await broker.exchange_rates()
            assert broker.requests_under_way() == 0
            req_id = int((await tws.request(CANCEL, 3))[2])
            # What comes after all is of no request.
            tws.send(ROW, 1, req_id, "DU1", *LEDGER[3])
            tws.send(END, 1, req_id)
            tws.position(1)
            tws.answers[SUMMARY] = lambda fields: tws.send(END, 1, fields[2])
            assert await broker.exchange_rates() == ()

    asyncio.run(run())
