"""Strategies of orders as clients may place them: what we read of them, and all we do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.support.unread_fields import ints, numbers, texts, unread
from tws_simulator.instruments.query import ContractQuery
from tws_simulator.wire.order_requests import Leg, PlaceOrder

prices = st.none() | numbers
quantities = st.decimals(0, 10**6, places=4)
ORDER_TYPES = (
    "LMT", "MKT", "STP", "TRAIL", "VOL", "PEG BENCH", "PEGBENCH", "PEG BEST", "PEGBEST", "PEG MID",
    "PEGMID",
)  # fmt: skip
#: Types of conditions: price, time, margin, execution, volume, per cent.
CONDITIONS = (1, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class Placed:
    """Hold what we read of an order, and what a client may send besides."""

    read: PlaceOrder
    unread: dict[str, Any]
    conditions: list[tuple[int, bool, str, int, float]] = field(default_factory=list)
    leg_prices: list[float | None] = field(default_factory=list)
    #: Of the routing, of the algorithm, and of the miscellaneous options.
    pairs: tuple[list[tuple[str, str]], ...] = ([], [], [])
    delta_neutral: bool = False


contracts = st.builds(
    ContractQuery,
    con_id=ints,
    symbol=texts,
    sec_type=st.sampled_from(["STK", "OPT", "BAG", "BAG"]),
    expiry=texts,
    strike=st.floats(0, 1e5),
    right=texts,
    multiplier=texts,
    exchange=st.sampled_from(["SMART", "IBKRATS", ""]),
    primary_exchange=texts,
    currency=texts,
    local_symbol=texts,
    trading_class=texts,
)
_pairs = st.lists(st.tuples(texts, texts), max_size=3)


@st.composite
def placed(draw: st.DrawFn) -> Placed:
    """Draw an order of any kind."""
    query = draw(contracts)
    conditions = draw(
        st.lists(
            st.tuples(st.sampled_from(CONDITIONS), st.booleans(), texts, ints, numbers), max_size=3
        )
    )
    is_bag = query.sec_type == "BAG"
    leg = st.builds(Leg, con_id=ints, ratio=ints, action=texts, exchange=texts)
    quantity: Decimal = draw(quantities)
    read = PlaceOrder(
        order_id=draw(ints),
        contract=query,
        action=draw(st.sampled_from(["BUY", "SELL", "SSHORT"])),
        quantity=quantity,
        order_type=draw(st.sampled_from(ORDER_TYPES)),
        legs=tuple(draw(st.lists(leg, max_size=4))) if is_bag else (),
        limit_price=draw(prices),
        aux_price=draw(prices),
        tif=draw(texts),
        oca_group=draw(texts),
        oca_type=draw(ints),
        account=draw(texts),
        order_ref=draw(texts),
        transmit=draw(st.booleans()),
        parent_id=draw(ints),
        outside_rth=draw(st.booleans()),
        what_if=draw(st.booleans()),
        good_after=draw(texts),
        good_till=draw(texts),
        trail_stop_price=draw(prices),
        trailing_percent=draw(prices),
        algo=draw(texts),
        conditions=len(conditions),
        cash_quantity=draw(prices),
    )
    return Placed(
        read,
        draw(unread),
        conditions,
        draw(st.lists(prices, max_size=4)) if is_bag else [],
        (draw(_pairs), draw(_pairs), draw(_pairs)),
        draw(st.booleans()),
    )
