"""Each request of ib_async's client alone: what arrives, in which order, and what ends it.

The client's decoder is ib_async's, the listener is ours: it notes every callback. Repetitions that
follow each other are one (`position` stands for all rows). "..." stands for anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from itertools import groupby
from types import SimpleNamespace
from typing import Any

import pytest
from ib_async import Contract, ExecutionFilter, LimitOrder, MarketOrder, Stock
from ib_async.client import Client

from tests.integration.simulator.ib_client import eventually, run, simulator

#: What comes on its own, whatever was asked for.
UNASKED = frozenset(("connectAck", "tcpDataArrived", "tcpDataProcessed", "setEventsDone"))
OK = frozenset((2104, 2106, 2158))
#: A time in which anything that comes too late or too often would come, seconds.
QUIET_S = 0.3
ACCOUNT = "DU1234567"
#: First ticks of a stock, in TWS's order.
FIRST_TICKS = ["marketDataType", "tickReqParams", "..."]


class Listener:
    """Note every callback of ib_async's decoder."""

    #: Of these the decoder asks itself.
    defaultTimezone = UTC
    ib = SimpleNamespace(_logger=None)

    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name == "priceSizeTick":
            raise AttributeError(name)

        def note(*args: Any) -> None:
            if name not in UNASKED and not (name == "error" and args[1] in OK):
                self.heard.append((name, args))

        return note

    def names(self) -> list[str]:
        """Give the names of the callbacks, repetitions left out."""
        return [name for name, _ in groupby(name for name, _ in self.heard)]

    def codes(self) -> list[int]:
        """Give the codes of the errors."""
        return [args[1] for name, args in self.heard if name == "error"]


@asynccontextmanager
async def listening(**options: object) -> AsyncIterator[tuple[Client, Listener]]:
    """Connect a client; its welcome is forgotten."""
    async with simulator(positions=10, **options) as server:
        listener = Listener()
        client = Client(listener)
        await client.connectAsync(server.config.host, server.port, 3)
        await asyncio.sleep(0.05)
        listener.heard.clear()
        try:
            yield client, listener
        finally:
            client.disconnect()
            await eventually(lambda: not server.world.clients)


def matches(names: list[str], wanted: list[str]) -> bool:
    """Compare names with what is wanted, where "..." stands for any."""
    if "..." not in wanted:
        return names == wanted
    at = wanted.index("...")
    tail = wanted[at + 1 :]
    return names[:at] == wanted[:at] and (not tail or names[-len(tail) :] == tail)


def spy(**fields: object) -> Contract:
    """Describe SPY."""
    contract = Stock("SPY", "SMART", "USD", conId=756733)
    for name, value in fields.items():
        setattr(contract, name, value)
    return contract


Ask = Callable[[Client], object]

ANSWERS: dict[str, tuple[Ask, list[str]]] = {
    "positions": (lambda c: c.reqPositions(), ["position", "positionEnd"]),
    "positions of an account": (
        lambda c: c.reqPositionsMulti(1, ACCOUNT, ""), ["positionMulti", "positionMultiEnd"],
    ),
    "account updates": (
        lambda c: c.reqAccountUpdates(True, ACCOUNT),
        ["updateAccountValue", "updatePortfolio", "updateAccountTime", "accountDownloadEnd"],
    ),
    "account updates by id": (
        lambda c: c.reqAccountUpdatesMulti(1, ACCOUNT, "", False),
        ["accountUpdateMulti", "accountUpdateMultiEnd"],
    ),
    "account summary": (
        lambda c: c.reqAccountSummary(1, "All", "NetLiquidation"),
        ["accountSummary", "accountSummaryEnd"],
    ),
    "contract details": (
        lambda c: c.reqContractDetails(1, spy()), ["contractDetails", "contractDetailsEnd"],
    ),
    "contract details by id alone": (
        lambda c: c.reqContractDetails(1, Contract(conId=756733)),
        ["contractDetails", "contractDetailsEnd"],
    ),
    "a stream": (lambda c: c.reqMktData(1, spy(), "", False, False, []), FIRST_TICKS),
    "a snapshot": (
        lambda c: c.reqMktData(1, spy(), "", True, False, []),
        ["marketDataType", "tickReqParams", "...", "tickSnapshotEnd"],
    ),
    "profit of an account": (lambda c: c.reqPnL(1, ACCOUNT, ""), ["pnl"]),
    "bars": (
        lambda c: c.reqHistoricalData(1, spy(), "", "600 S", "1 min", "TRADES", 0, 1, False, []),
        ["historicalData", "historicalDataEnd"],
    ),
    "option chains": (
        lambda c: c.reqSecDefOptParams(1, "SPY", "", "STK", 756733),
        ["securityDefinitionOptionParameter", "securityDefinitionOptionParameterEnd"],
    ),
    "matching symbols": (lambda c: c.reqMatchingSymbols(1, "QQ"), ["symbolSamples"]),
    "market rule": (lambda c: c.reqMarketRule(26), ["marketRule"]),
    "smart components": (lambda c: c.reqSmartComponents(1, "9c0001"), ["smartComponents"]),
    "time": (lambda c: c.reqCurrentTime(), ["currentTime"]),
    "ids": (lambda c: c.reqIds(1), ["nextValidId"]),
    "accounts": (lambda c: c.reqManagedAccts(), ["managedAccounts"]),
    "user": (lambda c: c.reqUserInfo(1), ["userInfo"]),
    "open orders": (lambda c: c.reqOpenOrders(), ["openOrderEnd"]),
    "all open orders": (lambda c: c.reqAllOpenOrders(), ["openOrderEnd"]),
    "completed orders": (lambda c: c.reqCompletedOrders(False), ["completedOrdersEnd"]),
    "executions": (lambda c: c.reqExecutions(1, ExecutionFilter()), ["execDetailsEnd"]),
    "a market order": (
        lambda c: c.placeOrder(1, spy(), MarketOrder("BUY", 1)),
        ["openOrder", "orderStatus", "openOrder", "orderStatus", "execDetails", "openOrder",
         "orderStatus", "commissionReport"],
    ),
    "a limit order": (
        lambda c: c.placeOrder(1, spy(), LimitOrder("BUY", 1, 1.0)),
        ["openOrder", "orderStatus", "openOrder", "orderStatus"],
    ),
    "a what-if order": (
        lambda c: c.placeOrder(1, spy(), MarketOrder("BUY", 1, whatIf=True)), ["openOrder"],
    ),
}  # fmt: skip

REFUSALS: dict[str, tuple[Ask, list[int]]] = {
    "an unknown contract": (lambda c: c.reqContractDetails(1, Contract(conId=42)), [200]),
    "an ambiguous contract": (
        lambda c: c.reqMktData(1, Contract(symbol="SPY", secType="OPT", exchange="SMART",
                                           currency="USD"), "", False, False, []),
        [200],
    ),
    "no exchange": (lambda c: c.reqMktData(1, spy(exchange=""), "", False, False, []), [321]),
    "a snapshot with generic ticks": (
        lambda c: c.reqMktData(1, spy(), "233", True, False, []), [321],
    ),
    "no such account": (lambda c: c.reqPnL(1, "NOBODY", ""), [321]),
    "market depth": (lambda c: c.reqMktDepth(1, spy(), 5, False, []), [321]),
    "a cancel of nothing": (lambda c: c.cancelMktData(77), [300]),
    "a cancel of no order": (lambda c: c.cancelOrder(77, ""), [10147]),
    "an order of nothing": (lambda c: c.placeOrder(1, spy(), MarketOrder("BUY", 0)), [434]),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_a_request_is_answered_in_tws_s_order(name: str) -> None:
    """And nothing follows what ends it."""
    ask, wanted = ANSWERS[name]

    async def test() -> None:
        async with listening() as (client, listener):
            ask(client)
            await eventually(lambda: matches(listener.names(), wanted))
            if "..." not in wanted:
                await asyncio.sleep(QUIET_S)
                assert listener.names() == wanted
            assert listener.codes() == []

    run(test())


@pytest.mark.parametrize("name", REFUSALS)
def test_what_makes_no_sense_gets_its_code_and_nothing_else(name: str) -> None:
    """Once, at once, and the connection lives on."""
    ask, codes = REFUSALS[name]

    async def test() -> None:
        async with listening() as (client, listener):
            ask(client)
            client.reqCurrentTime()
            await eventually(lambda: "currentTime" in listener.names())
            assert listener.names() == ["error", "currentTime"]
            assert listener.codes() == codes

    run(test())


def test_a_cancelled_order_ends_with_its_state_and_202() -> None:
    """PendingCancel, then Cancelled, then the error that gives the reason."""

    async def test() -> None:
        async with listening() as (client, listener):
            client.placeOrder(1, spy(), LimitOrder("BUY", 1, 1.0))
            await eventually(lambda: len(listener.heard) == 4)
            listener.heard.clear()
            client.cancelOrder(1, "")
            await eventually(lambda: listener.codes() == [202])
            assert listener.names() == ["orderStatus", "error"]
            states = [args[1] for name, args in listener.heard if name == "orderStatus"]
            assert states == ["PendingCancel", "Cancelled"]

    run(test())


def test_the_types_of_an_option_stream() -> None:
    """Prices, sizes and all four computations, 10 to 13."""

    async def test() -> None:
        async with listening() as (client, listener):
            client.reqPositions()
            await eventually(lambda: "positionEnd" in listener.names())
            option = next(
                args[1] for name, args in listener.heard
                if name == "position" and args[1].secType == "OPT"
            )  # fmt: skip
            option.exchange = "SMART"
            listener.heard.clear()
            client.reqMktData(1, option, "", False, False, [])

            def kinds() -> set[int]:
                reported = (
                    args for name, args in listener.heard if name == "tickOptionComputation"
                )
                return {args[1] for args in reported}

            await eventually(lambda: kinds() == {10, 11, 12, 13})

    run(test())
