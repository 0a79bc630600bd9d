"""Profit and loss of a day on which something was sold: by what was executed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from slotwise.client.past import past_holdings
from slotwise.contract import Contract
from slotwise.lake.openings import trades_since
from slotwise.lake.store import Lake
from slotwise.portfolio.opening import Opening, Trade, day_pnl
from slotwise.portfolio.price import price_of
from slotwise.rules.valuation import position_row
from tests.support.executed import execution
from tests.support.landed import put
from tests.support.values import at, contract, option, position, quote
from workers.gateway.outbox.quote_rows import quote_row

#: Seconds before noon of the day before.
BEFORE = -86_400.0
PRICES = st.decimals("1", "900", places=2)
TRADES = st.lists(
    st.tuples(st.integers(-9, 9).filter(bool), PRICES, st.decimals("0", "3", places=2)),
    min_size=1, max_size=6,
)  # fmt: skip
KINDS: dict[str, tuple[Contract, Decimal]] = {
    "share": (contract(1), Decimal(1)),
    "option": (option(1), Decimal(100)),
    "pence": (contract(1, currency="GBP", price_magnifier=100), Decimal("0.01")),
}


@given(st.sampled_from(sorted(KINDS)), st.integers(-20, 20), TRADES, PRICES, PRICES)
def test_each_piece_gains_since_the_close_or_since_it_was_traded(
    kind: str, then: int, traded: list[tuple[int, Decimal, Decimal]], close: Decimal, now: Decimal
) -> None:
    held, unit = KINDS[kind]
    after = then + sum(quantity for quantity, _, _ in traded)
    trades = tuple(Trade(Decimal(quantity), price, paid) for quantity, price, paid in traded)
    found = day_pnl(
        position(1, after, contract=held, avg_cost=None),
        price_of(quote(1, bid=now, ask=now, close=close)),
        Opening(quantity=Decimal(then), trades=trades),
    )
    if then * after >= 0 and all((quantity > 0) == (after > 0) for quantity, _, _ in traded):
        assert found is None, "what was only added to goes by its cost, which is unknown here"
        return
    of_trades = sum(quantity * (now - price) * unit - paid for quantity, price, paid in traded)
    assert found == then * (now - close) * unit + of_trades


@given(st.integers(-20, 20), TRADES, st.integers(-9, 9).filter(bool))
def test_a_trade_that_is_not_listed_leaves_unknown_what_sales_were_part_of(
    then: int, traded: list[tuple[int, Decimal, Decimal]], missing: int
) -> None:
    """An average cost has nothing of what was sold; a quantity may be the same by chance."""
    after = then + sum(quantity for quantity, _, _ in traded) + missing
    trades = tuple(Trade(Decimal(quantity), price, paid) for quantity, price, paid in traded)
    found = day_pnl(
        position(1, after, avg_cost=100),
        price_of(quote(1, bid=99, ask=101, close=98)),
        Opening(quantity=Decimal(then), avg_cost=Decimal(90), trades=trades),
    )
    if after == then or any((quantity > 0) != (after > 0) for quantity, _, _ in traded):
        assert found is None
    elif then == 0 or (then > 0) == (after > then):
        assert found is not None, "what was only added to goes by its cost"


def land(lake: Lake, held: Contract, quantity: int, seconds: float) -> None:
    row = position_row(
        position(held.con_id, quantity, contract=held, observed_at=at(seconds)),
        quote(held.con_id, bid=119, ask=121, close=110, observed_at=at(seconds)),
        source="batch",
    )
    put(lake, "position_updates", [row], at(seconds))


@pytest.mark.parametrize("begins", [BEFORE, -60.0])
def test_a_part_that_was_sold_is_known_by_its_execution_alone(lake: Lake, begins: float) -> None:
    """Also on the day on which the record begins; what was executed before it is not counted."""
    for con_id in (1, 2):
        land(lake, contract(con_id), 10, begins)
        land(lake, contract(con_id), 6, 10)
        seen = quote(con_id, bid=119, ask=121, close=110, observed_at=at(11))
        put(lake, "quotes", [quote_row(contract(con_id), seen)], at(12))
    sold = [execution(1, -4, "118", 9), execution(1, -5, "1", begins - 3600, "earlier.01")]
    put(lake, "executions", sold, at(12))
    found = {row.con_id: row.day_pnl for row in past_holdings(lake, at(30)).rows}
    assert found == {1: 6 * 10 + 4 * 8 - 1, 2: None}


@pytest.mark.parametrize(("traded", "after"), [((-4,), 6), ((-4, 4), 10)])
def test_a_commission_that_is_unknown_is_not_zero(traded: tuple[int, ...], after: int) -> None:
    price = price_of(quote(1, bid=119, ask=121, close=110))
    for commission, found in ((Decimal(1), True), (None, False)):
        trades = tuple(Trade(Decimal(one), Decimal(118), commission) for one in traded)
        gained = day_pnl(position(1, after), price, Opening(quantity=Decimal(10), trades=trades))
        assert (gained is not None) == found


def test_a_commission_in_another_currency_is_unknown_here(lake: Lake) -> None:
    for con_id, currency in ((1, "USD"), (2, "EUR")):
        sold = execution(con_id, -4, "118", 9)
        put(lake, "executions", [replace(sold, commission_currency=currency)], at(12))
    trades = trades_since(lake, at(-60), at(30))
    assert {key[1]: one.commission for key, (one,) in trades.items()} == {1: Decimal(1), 2: None}
