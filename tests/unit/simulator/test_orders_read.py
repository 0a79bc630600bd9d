"""What clients say about orders is read as they meant it, at every server version.

Three clients encode orders of every kind, with fields that mean nothing to us between those that
do, and nothing may be left over.
"""

from __future__ import annotations

from typing import Any

import ib_async
import ib_insync
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibapi.contract import Contract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.order_cancel import OrderCancel

from tests.support.any_orders import Placed, placed
from tests.support.effort import examples
from tests.support.order_clients import from_ib_async, from_ib_insync, from_official
from tests.support.order_dialects import official, pythonic
from tests.support.unread_fields import ints, texts
from tests.support.versions import IB_ASYNC, IB_INSYNC, versions
from tws_simulator.wire import order_parsing as parsing
from tws_simulator.wire.fields import Fields
from tws_simulator.wire.order_requests import CancelOrder, ExecutionsRequest
from tws_simulator.wire.requests import Bare

VERSIONS = versions()
#: The newest versions the libraries speak.
IB_ASYNC_VERSIONS = versions(IB_ASYNC)
IB_INSYNC_VERSIONS = versions(IB_INSYNC)
UNSPACED = ("PEGBENCH", "PEGBEST", "PEGMID")


def parse(parser: Any, fields: Fields) -> Any:
    """Parse a request; all of it has to be read."""
    request = parser(fields)
    assert fields.rest() == []
    return request


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=examples(8))
@given(order=placed())
def test_an_order_of_ibs_own_client(version: int, order: Placed) -> None:
    contract, theirs = official(order, version)
    sent = from_official(
        version, lambda client: client.placeOrder(order.read.order_id, contract, theirs)
    )
    assert parse(parsing.place_order, sent) == order.read


@pytest.mark.parametrize("version", IB_ASYNC_VERSIONS)
@settings(max_examples=examples(5))
@given(order=placed())
def test_an_order_of_ib_async(version: int, order: Placed) -> None:
    contract, theirs = pythonic(order)
    sent = from_ib_async(
        version, lambda client: client.placeOrder(order.read.order_id, contract, theirs)
    )
    assert parse(parsing.place_order, sent) == order.read


@pytest.mark.parametrize("version", IB_INSYNC_VERSIONS)
@settings(max_examples=examples(3))
@given(order=placed().filter(lambda order: order.read.order_type not in UNSPACED))
def test_an_order_of_ib_insync(version: int, order: Placed) -> None:
    """It has pegged types with their blank alone, and sends too few fields of the others."""
    contract, theirs = pythonic(order, ib_insync)
    sent = from_ib_insync(
        version, lambda client: client.placeOrder(order.read.order_id, contract, theirs)
    )
    assert parse(parsing.place_order, sent) == order.read


@pytest.mark.parametrize("version", VERSIONS)
def test_an_order_with_nothing_set_has_no_prices(version: int) -> None:
    """IB's client writes its own "no value" for a quantity and a sum of money."""
    order = parse(
        parsing.place_order,
        from_official(version, lambda c: c.placeOrder(1, Contract(), Order())),
    )
    assert (order.quantity, order.cash_quantity, order.limit_price) == (0, None, None)
    assert (order.contract.strike, order.transmit) == (0, True)


@pytest.mark.parametrize("version", VERSIONS)
@given(order_id=ints, when=texts, operator=texts, by_hand=st.integers(0, 1))
@settings(max_examples=examples(5))
def test_cancels_of_ibs_own_client(
    version: int, order_id: int, when: str, operator: str, by_hand: int
) -> None:
    cancel = OrderCancel()
    cancel.manualOrderCancelTime = when if version >= 169 else ""
    if version >= 192:
        cancel.extOperator, cancel.manualOrderIndicator = operator, by_hand
    one = from_official(version, lambda client: client.cancelOrder(order_id, cancel))
    assert parse(parsing.cancel_order, one) == CancelOrder(order_id)
    every = from_official(version, lambda client: client.reqGlobalCancel(cancel))
    assert parse(parsing.global_cancel, every) == Bare()


@pytest.mark.parametrize("version", IB_ASYNC_VERSIONS)
def test_cancels_of_ib_async(version: int) -> None:
    one = from_ib_async(version, lambda client: client.cancelOrder(8, "20261123-10:00:00"))
    assert parse(parsing.cancel_order, one) == CancelOrder(8)
    every = from_ib_async(version, lambda client: client.reqGlobalCancel())
    assert parse(parsing.global_cancel, every) == Bare()


@pytest.mark.parametrize("version", VERSIONS)
@given(
    wanted=st.builds(
        ExecutionsRequest, req_id=ints, client_id=ints, account=texts, since=texts, symbol=texts,
        sec_type=texts, exchange=texts, side=texts, last_days=st.none() | ints,
        dates=st.lists(texts, max_size=3).map(tuple),
    )
)  # fmt: skip
@settings(max_examples=examples(5))
def test_a_request_for_executions_of_ibs_own_client(
    version: int, wanted: ExecutionsRequest
) -> None:
    theirs = ExecutionFilter()
    _fill_filter(theirs, wanted)
    if version >= 200:
        if wanted.last_days is not None:
            theirs.lastNDays = wanted.last_days
        theirs.specificDates = list(wanted.dates) or None
    sent = from_official(version, lambda client: client.reqExecutions(wanted.req_id, theirs))
    read = parse(parsing.executions, sent)
    if version >= 200:
        assert read == wanted
    else:
        assert (read.last_days, read.dates) == (None, ())
        assert (read.req_id, read.since, read.side) == (wanted.req_id, wanted.since, wanted.side)


def _fill_filter(theirs: Any, wanted: ExecutionsRequest) -> None:
    theirs.clientId, theirs.acctCode, theirs.time = wanted.client_id, wanted.account, wanted.since
    theirs.symbol, theirs.secType = wanted.symbol, wanted.sec_type
    theirs.exchange, theirs.side = wanted.exchange, wanted.side


@pytest.mark.parametrize("version", IB_ASYNC_VERSIONS)
def test_a_request_for_executions_of_ib_async(version: int) -> None:
    wanted = ExecutionsRequest(
        req_id=4, client_id=2, account="DU1", since="20261123-10:00:00", symbol="SPY",
        sec_type="OPT", exchange="CBOE", side="BUY",
    )  # fmt: skip
    theirs = ib_async.ExecutionFilter()
    _fill_filter(theirs, wanted)
    sent = from_ib_async(version, lambda client: client.reqExecutions(4, theirs))
    assert parse(parsing.executions, sent) == wanted


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("client", [from_official, from_ib_async, from_ib_insync])
def test_lists_of_orders_are_asked_for_with_a_flag(client: Any, wanted: bool) -> None:
    done = parse(
        parsing.completed_orders, client(176, lambda asking: asking.reqCompletedOrders(wanted))
    )
    assert done.api_only is wanted
    bound = parse(
        parsing.auto_open_orders, client(176, lambda asking: asking.reqAutoOpenOrders(wanted))
    )
    assert bound.value == int(wanted)
