"""What is no request about orders is refused as malformed, and raises nothing else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibapi.execution import ExecutionFilter
from ibapi.order_cancel import OrderCancel

from tests.support.any_orders import Placed, placed
from tests.support.effort import examples
from tests.support.order_clients import from_official
from tests.support.order_dialects import official
from tests.support.versions import versions
from tws_simulator.config import MAX_SERVER_VERSION, MIN_SERVER_VERSION
from tws_simulator.errors import MalformedRequest
from tws_simulator.wire import order_blocks as blocks
from tws_simulator.wire import order_parsing as parsing
from tws_simulator.wire.fields import Fields
from tws_simulator.wire.order_requests import PlaceOrder

some_versions = st.integers(MIN_SERVER_VERSION, MAX_SERVER_VERSION)
PARSERS: tuple[Callable[[Fields], object], ...] = (
    parsing.place_order, parsing.cancel_order, parsing.global_cancel, parsing.executions,
    parsing.completed_orders, parsing.auto_open_orders,
)  # fmt: skip
#: Fields that break readers: too large, of another script, no number, not finite, all but one.
odd = st.sampled_from(
    ["", "0", "1", "-1", "7", "BAG", "x", "\u0663", "nan", "inf", "Infinity", "-Infinite", "1e999",
     "1e-999", "1_0", " 1", "0x1", "1E99", "1E100", "9" * 30, "-2147483648", "2147483648",
     "1.7976931348623157E308", "1.7976931348623157e+308", "\\xff", "PEG BEST", "IBKRATS"]
)  # fmt: skip


def order_fields(order: Placed, version: int) -> list[str]:
    """Encode an order as IB's client does."""
    arguments = official(order, version)
    sent = from_official(version, lambda client: client.placeOrder(order.read.order_id, *arguments))
    return sent.rest()


@settings(max_examples=examples(40))
@given(order=placed(), version=some_versions)
def test_an_order_that_is_cut_anywhere_is_malformed(order: Placed, version: int) -> None:
    """Each field counts: after the last that is there, the next is missed."""
    fields = order_fields(order, version)
    parsing.place_order(Fields(fields, version=version))
    for end in range(len(fields)):
        with pytest.raises(MalformedRequest):
            parsing.place_order(Fields(fields[:end], version=version))


@settings(max_examples=examples(200))
@given(
    order=placed(),
    version=some_versions,
    changes=st.lists(st.tuples(st.integers(0, 400), odd), min_size=1, max_size=4),
)
def test_an_order_with_odd_fields_is_read_or_malformed(
    order: Placed, version: int, changes: list[tuple[int, str]]
) -> None:
    fields = order_fields(order, version)
    for at, text in changes:
        fields[at % len(fields)] = text
    try:
        read = parsing.place_order(Fields(fields, version=version))
    except MalformedRequest:
        return
    assert isinstance(read, PlaceOrder)
    assert read.quantity.is_finite()
    for price in (read.limit_price, read.aux_price, read.trail_stop_price, read.cash_quantity):
        assert price is None or abs(price) < inf


@pytest.mark.parametrize("parser", PARSERS)
@settings(max_examples=examples(50))
@given(fields=st.lists(odd | st.text(max_size=4), max_size=30), version=some_versions)
def test_fields_of_any_kind_are_read_or_malformed(
    parser: Callable[[Fields], object], fields: list[str], version: int
) -> None:
    reader = Fields(fields, version=version)
    try:
        parser(reader)
    except MalformedRequest:
        return
    assert len(reader.rest()) < len(fields)


@pytest.mark.parametrize("version", versions())
def test_other_requests_that_are_cut_anywhere_are_malformed(version: int) -> None:
    wanted = ExecutionFilter()
    if version >= 200:
        wanted.specificDates = ["20261120", "20261123"]
    for parser, sent in (
        (parsing.cancel_order, from_official(version, lambda c: c.cancelOrder(1, OrderCancel()))),
        (parsing.global_cancel, from_official(version, lambda c: c.reqGlobalCancel(OrderCancel()))),
        (parsing.executions, from_official(version, lambda c: c.reqExecutions(1, wanted))),
        (parsing.completed_orders, from_official(version, lambda c: c.reqCompletedOrders(True))),
        (parsing.auto_open_orders, from_official(version, lambda c: c.reqAutoOpenOrders(True))),
    ):
        fields = sent.rest()
        parser(Fields(fields, version=version))
        for end in range(len(fields)):
            with pytest.raises(MalformedRequest):
                parser(Fields(fields[:end], version=version))


@pytest.mark.parametrize("text", ["", "1.7976931348623157E308", "1.7976931348623157e+308"])
def test_no_price_is_none_however_it_is_spelt(text: str) -> None:
    assert Fields([text]).optional() is None
    assert Fields([text]).number() == 0.0


@pytest.mark.parametrize("text", ["Infinity", "Infinite"])
def test_only_an_offset_may_be_infinite(text: str) -> None:
    assert Fields([text]).offset() == inf
    with pytest.raises(MalformedRequest):
        Fields([text]).optional()


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", "1"), ("0.0001", "0.0001"), ("1e-05", "0.00001"), ("100.0", "100"), (".5", "0.5"),
     ("-3", "-3"), ("", "0"), ("9223372036854775807", "0"), ("2147483647", "0"),
     (str(2**127 - 1), "0"), ("1.7976931348623157E308", "0")],
)  # fmt: skip
def test_quantities(text: str, value: str) -> None:
    """Some clients write what was never set as the largest number they have."""
    assert Fields([text]).decimal() == Decimal(value)


@pytest.mark.parametrize("text", ["x", "nan", "Infinity", "1_0", " 1", ".", "e5", "1e999999999"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(MalformedRequest, match="For input string"):
        Fields([text]).decimal()


@pytest.mark.parametrize("text", ["x", "nan", "inf", "1_0", "1e999", "\u0663"])
def test_what_is_no_price(text: str) -> None:
    with pytest.raises(MalformedRequest, match="For input string"):
        Fields([text]).optional()


@pytest.mark.parametrize("kind", [0, 2, 8, -1])
def test_conditions_of_unknown_types_are_malformed(kind: int) -> None:
    """Their length is not known, so all that follows would be misread."""
    with pytest.raises(MalformedRequest, match="a condition of type"):
        blocks.conditions(Fields(["1", str(kind), *["a"] * 20]))


def test_a_list_of_less_than_nothing_is_malformed() -> None:
    with pytest.raises(MalformedRequest, match="a list of -1"):
        Fields(["-1"]).count()
