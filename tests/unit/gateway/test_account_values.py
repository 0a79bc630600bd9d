"""Whether accounts hold anything, by what an account summary says of their values."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.errors import BrokerTimeoutError
from tests.support.values import contract, quote
from tests.unit.gateway.connected_broker import connected, with_tws
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import ScriptedTws
from workers.gateway.ib.account_values import TAGS, holds_from, value_row
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.requests import SummaryRow
from workers.gateway.ib.timeouts import Timeouts
from workers.gateway.positions.in_values import is_in_values

#: Messages to TWS: a request for a summary, and its end. Of TWS: a row, and the end.
SUMMARY, CANCEL, ROW, END = "62", "63", 63, 64
NAMES = TAGS.split(",")


def holds(*values: object, account: str = "DU1") -> dict[str, bool | None]:
    """Decide by net liquidation, cash, gross position value and margin; None is not sent."""
    rows = [
        SummaryRow(account, tag, str(value), "USD")
        for tag, value in zip(NAMES, values, strict=True)
        if value is not None
    ]
    return holds_from(rows)


@pytest.mark.parametrize(
    ("values", "held"),
    [
        (("1500.00", "500.00", "1000.00", "250.00"), True),
        (("500.00", "500.00", "0.00", "250.00"), True),
        ((None, None, "0.01", None), True),
        (("500.00", "500.00", "0.00", "0.00"), False),
        (("-500.00", "-500.00", "-0.00", "0"), False),
        (("505.00", "500.00", "0.00", "0.00"), False),
        (("1500.00", "500.00", "0.00", "0.00"), None),
        (("0.00", "0.00", "0.00", "0.00"), None),
        ((None, "500.00", "0.00", "0.00"), None),
        (("500.00", None, "0.00", "0.00"), None),
        (("500.00", "500.00", None, "0.00"), None),
        (("500.00", "500.00", "0.00", None), None),
        (("500.00", "500.00", "dear", "0.00"), None),
        (("NaN", "500.00", "0.00", "0.00"), None),
    ],
)
def test_an_account_holds_nothing_only_where_all_of_its_values_say_so(
    values: tuple[object, ...], held: bool | None
) -> None:
    """Net liquidation has a little more than the cash: what has accrued."""
    assert holds(*values) == {"DU1": held}


money = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
amounts = st.one_of(
    st.none(), st.sampled_from(["", "NaN", "Infinity", "1.7976931348623157E308", "x"]), money
)


@given(st.tuples(amounts, amounts, amounts, amounts))
def test_whatever_is_missing_or_cannot_be_read_never_says_that_nothing_is_held(
    values: tuple[object, ...],
) -> None:
    if holds(*values).get("DU1") is False:
        assert all(isinstance(value, Decimal) for value in values)
        net, cash, gross, margin = (Decimal(str(value)) for value in values)
        assert gross == margin == 0
        assert net != 0
        assert abs(net - cash) * 50 <= abs(net)


@given(net=money, cash=money, gross=money, margin=money)
def test_a_value_above_zero_is_something_whatever_the_others_say(
    net: Decimal, cash: Decimal, gross: Decimal, margin: Decimal
) -> None:
    assert (holds(net, cash, gross, margin)["DU1"] is True) == (gross > 0 or margin > 0)


def test_rows_of_no_use_are_not_kept() -> None:
    assert value_row("DU1", "BuyingPower", "1", "USD") is None
    assert value_row("DU1", "NetLiquidation", "1", "USD") is not None


@pytest.mark.parametrize(
    ("sec_type", "prices", "shows"),
    [
        ("STK", {"bid": 10, "ask": 11}, True),
        ("STK", {"close": 10}, True),
        ("STK", {}, False),
        ("OPT", {"bid": 1, "ask": 2}, True),
        ("OPT", {"ask": 2, "last": 1, "close": 1}, False),
        ("FUT", {}, True),
        *((kind, {"bid": 10, "ask": 11}, False) for kind in ("FOP", "BOND", "CASH", "CFD", "BAG")),
    ],
)
def test_what_has_a_price_and_a_kind_that_counts_shows_in_values(
    sec_type: str, prices: dict[str, object], shows: bool
) -> None:
    held = contract(1, sec_type=sec_type)
    assert is_in_values(held, quote(1, **prices)) is shows
    assert is_in_values(held, None) is (sec_type == "FUT")


@with_tws
async def test_values_are_asked_for_and_cancelled_one_summary_at_a_time(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """TWS allows two of a client, and refuses the third."""
    at_once: list[int] = []

    def answer(fields: list[str]) -> None:
        at_once.append(tws.count(SUMMARY) - tws.count(CANCEL))
        for account, gross in (("DU1", "0.00"), ("DU2", "7.00")):
            for tag, value in zip(NAMES, ("500.00", "500.00", gross, "0.00"), strict=True):
                tws.send(ROW, 1, fields[2], account, tag, value, "USD")
        tws.send(END, 1, fields[2])

    tws.answers[SUMMARY] = answer
    found, rates, again = await asyncio.gather(
        broker.accounts_hold(), broker.exchange_rates(), broker.accounts_hold()
    )
    assert found == again == {"DU1": False, "DU2": True}
    assert rates == ()
    await tws.request(CANCEL, 3)
    assert max(at_once) <= 2
    assert broker.requests_under_way() == 0


def test_values_that_do_not_come_are_an_error() -> None:
    async def run() -> None:
        async with connected(Timeouts(summary_s=0.05)) as (tws, broker, _listener):
            with pytest.raises(BrokerTimeoutError, match="account values"):
                await broker.accounts_hold()
            tws.answers[SUMMARY] = lambda fields: tws.send(END, 1, fields[2])
            assert await broker.accounts_hold() == {}

    asyncio.run(run())
