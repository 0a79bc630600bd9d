"""What a position is worth: signs, multipliers, and what is not known."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.valuation import position_row
from tests.support.values import at, option, position, quote

amounts = st.decimals(-10_000, 10_000, places=4)
prices = st.decimals(0, 10_000, places=4)


def test_a_long_stock_is_worth_quantity_times_price() -> None:
    row = position_row(
        position(1, 10, avg_cost=Decimal(90)), quote(1, bid=99, ask=101), source="batch"
    )
    assert (row.market_value, row.unrealized_pnl) == (1000, 100)
    assert (row.price, row.price_source) == (100, "mid")


def test_a_short_option_is_worth_less_than_nothing_and_gains_when_it_falls() -> None:
    """IB's average cost of an option includes its multiplier: 2.00 a share is 200."""
    short = position(1, -3, contract=option(1), avg_cost=Decimal(200))
    row = position_row(short, quote(1, last="1.50"), source="batch")
    assert (row.market_value, row.unrealized_pnl) == (-450, 150)


@given(amounts, prices, prices)
def test_the_value_of_a_short_is_minus_that_of_the_long(
    quantity: Decimal, price: Decimal, cost: Decimal
) -> None:
    def value(held: Decimal) -> tuple[Decimal | None, Decimal | None]:
        row = position_row(
            position(1, contract=option(1), quantity=held, avg_cost=cost),
            quote(1, last=price),
            source="batch",
        )
        return row.market_value, row.unrealized_pnl

    long, short = value(quantity), value(-quantity)
    assert all(
        one is not None and other is not None and one == -other
        for one, other in zip(long, short, strict=True)
    )


@given(amounts.filter(bool), prices)
def test_a_position_at_its_cost_has_neither_gained_nor_lost(
    quantity: Decimal, price: Decimal
) -> None:
    held = position(1, contract=option(1), quantity=quantity, avg_cost=price * 100)
    assert position_row(held, quote(1, last=price), source="batch").unrealized_pnl == 0


@pytest.mark.parametrize("seen", [None, quote(1)], ids=["never quoted", "quoted without a price"])
def test_without_a_price_the_value_is_unknown_not_zero(seen: object) -> None:
    row = position_row(position(1), seen, source="batch")
    assert (row.price, row.market_value, row.unrealized_pnl) == (None, None, None)
    assert row.price_source == "none"


def test_a_closed_position_is_worth_zero_also_without_a_price() -> None:
    row = position_row(position(1, 0), None, source="stream")
    assert (row.market_value, row.unrealized_pnl) == (0, 0)


def test_the_age_of_a_quote_is_counted_to_the_observation() -> None:
    seen = quote(1, last=1, observed_at=at(-30))
    assert position_row(position(1), seen, source="batch").quote_age_s == 30.0
    later = position_row(position(1), seen, source="stream", observed_at=at(5))
    assert (later.quote_age_s, later.observed_at) == (35.0, at(5))


def test_a_quote_newer_than_the_position_has_no_negative_age() -> None:
    row = position_row(position(1), quote(1, last=1, observed_at=at(2)), source="batch")
    assert row.quote_age_s == 0.0


def test_the_row_says_what_the_contract_is_and_where_it_came_from() -> None:
    held = position(7, 1, contract=option(7))
    row = position_row(held, None, source="batch", batch_id="b", item_id="i")
    said = (row.con_id, row.symbol, row.sec_type, row.expiry, row.strike, row.right, row.multiplier)
    assert said == (7, "SPY", "OPT", "20261218", 560, "P", 100)
    assert (row.source, row.strategy, row.batch_id, row.item_id) == ("batch", None, "b", "i")
