"""Strategies of orders that were placed and of what they executed."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

from hypothesis import strategies as st

from tests.support.any_orders import prices
from tests.support.unread_fields import ints, numbers, texts
from tws_simulator.book.order import ComboLeg, Execution, Margin, Order, OrderState, OrderStatus
from tws_simulator.instruments.contract import Contract

statuses = st.sampled_from(get_args(OrderStatus))
quantities = st.decimals(0, 10**6, places=4)
#: From 2001 to 2033, unix seconds, with their fraction.
times = st.floats(1e9, 2e9)
contracts = st.builds(
    Contract, con_id=ints, symbol=texts, sec_type=st.sampled_from(["STK", "OPT", "FUT"]),
    local_symbol=texts, trading_class=texts, exchange=texts, currency=texts, expiry=texts,
    strike=st.floats(0, 1e5), right=st.sampled_from(["", "C", "P"]),
    multiplier=st.integers(1, 1000).map(Decimal),
)  # fmt: skip
legs = st.builds(
    ComboLeg, contract=contracts, ratio=st.integers(1, 9),
    action=st.sampled_from(["BUY", "SELL"]), exchange=texts,
)  # fmt: skip
orders = st.builds(
    Order, order_id=st.integers(-5, 10**6), client_id=ints, perm_id=st.integers(1, 2**31 - 1),
    contract=contracts, account=texts, action=st.sampled_from(["BUY", "SELL"]),
    quantity=quantities, order_type=st.sampled_from(["LMT", "MKT", "STP", "TRAIL"]),
    exchange=texts, legs=st.lists(legs, max_size=4).map(tuple), limit_price=prices,
    aux_price=prices, tif=texts, oca_group=texts, oca_type=st.integers(0, 3), order_ref=texts,
    parent_id=ints, parent_perm_id=ints, outside_rth=st.booleans(), what_if=st.booleans(),
    good_after=texts, good_till=texts, trail_stop_price=prices, trailing_percent=prices,
    cash_quantity=prices,
)  # fmt: skip
amounts = st.integers(-(10**9), 10**9).map(lambda cents: cents / 100)
margins = st.builds(
    Margin, initial_before=amounts, initial_after=amounts, maintenance_before=amounts,
    maintenance_after=amounts, equity_before=amounts, equity_after=amounts,
)  # fmt: skip


@st.composite
def states(draw: st.DrawFn) -> OrderState:
    """Draw an order that got somewhere."""
    order = draw(orders)
    return OrderState(
        order=order,
        status=draw(statuses),
        filled=min(draw(quantities), order.quantity),
        avg_fill_price=draw(numbers),
        last_fill_price=draw(numbers),
        why_held=draw(texts),
        commission=draw(prices),
        margin=draw(st.none() | margins),
        reason=draw(texts),
        placed_at=draw(times),
        done_at=draw(st.none() | times),
    )


executions = st.builds(
    Execution, exec_id=texts, order_id=ints, client_id=ints, perm_id=st.integers(1, 2**31 - 1),
    account=texts, contract=contracts, side=st.sampled_from(["BOT", "SLD"]),
    quantity=quantities.map(lambda value: value + Decimal(1)), price=numbers, at=times,
    exchange=texts, cumulative=quantities, avg_price=numbers, commission=numbers, realized=prices,
    order_ref=texts, is_combo=st.booleans(),
)  # fmt: skip
