"""IB's own Python client over a real socket: its thread, its queue, its decoder."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ibapi.client import EClient
from ibapi.order_cancel import OrderCancel

from tests.integration.simulator.simulator_process import running
from tests.support.official_client import Recorder, an_order, official

#: Longest wait for anything to be heard, seconds.
TIMEOUT_S = 40.0
ACCOUNT = "DU1234567"
SPY = 756733


class Client(Recorder):
    """A client that receives in the reader's thread, and waits in the test's."""

    def __init__(self) -> None:
        super().__init__()
        self._news = threading.Condition()
        self.ask = EClient(self)
        self.heard = _Noisy(self._news)

    def await_(self, name: str, fits: Callable[..., bool] = lambda *args: True) -> tuple[Any, ...]:
        """Wait until a callback was called with arguments that fit; return them."""

        def found() -> tuple[Any, ...] | None:
            return next((args for args in self.of(name) if fits(*args)), None)

        with self._news:
            assert self._news.wait_for(lambda: found() is not None, TIMEOUT_S), (
                name, self.heard[-5:],
            )  # fmt: skip
        args = found()
        assert args is not None
        return args


class _Noisy(list[tuple[str, tuple[Any, ...]]]):
    def __init__(self, news: threading.Condition) -> None:
        super().__init__()
        self._news = news

    def append(self, call: tuple[str, tuple[Any, ...]]) -> None:
        with self._news:
            super().append(call)
            self._news.notify_all()


#: Each connection has an id of its own: this client's socket stays open for up to a second after
#: it was closed, as its reader waits on it, so the id is not free at once.
_ids = itertools.count(100)


@contextmanager
def connected(port: int, client_id: int | None = None) -> Iterator[Client]:
    """Connect, run the client's loop in a thread, and end both."""
    client = Client()
    client_id = next(_ids) if client_id is None else client_id
    client.ask.connect("127.0.0.1", port, client_id)
    thread = threading.Thread(target=client.ask.run, daemon=True)
    thread.start()
    try:
        yield client
    finally:
        client.ask.disconnect()
        thread.join(TIMEOUT_S)
        assert not thread.is_alive()


@pytest.fixture(scope="module", params=[166, 178, 182, 186, 194, 196, 200])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """Run a simulator of one server version."""
    options = ("--positions", "30", "--server-version", str(request.param))
    with running(*options, "--messages-per-second", "0") as (_, port):
        yield port


def test_start_up_names_accounts_then_ids(port: int) -> None:
    """15 before 9, then the farms."""
    with connected(port) as client:
        client.await_("nextValidId")
        client.await_("error", lambda *args: args[2] == 2158)
        names = [name for name, _ in client.heard]
        assert names.index("managedAccounts") < names.index("nextValidId")
        assert client.of("managedAccounts") == [(ACCOUNT,)]


def test_the_portfolio_is_sent_from_first_to_last(port: int) -> None:
    """Positions until their end, an account until its end, a summary until its end."""
    with connected(port) as client:
        client.await_("nextValidId")
        client.ask.reqPositions()
        client.await_("positionEnd")
        assert len(client.of("position")) == 30
        client.ask.reqAccountUpdates(True, ACCOUNT)
        assert client.await_("accountDownloadEnd") == (ACCOUNT,)
        assert len(client.of("updatePortfolio")) == 30
        client.ask.reqAccountSummary(1, "All", "NetLiquidation")
        client.await_("accountSummaryEnd")
        assert [args[2] for args in client.of("accountSummary")] == ["NetLiquidation"]


def test_a_contract_is_found_streamed_and_given_back(port: int) -> None:
    """Details, 58, 81, ticks until the cancel; the line is free for another then."""
    with connected(port) as client:
        client.await_("nextValidId")
        client.ask.reqContractDetails(2, official(symbol="SPY", secType="STK", currency="USD",
                                                  exchange="SMART"))  # fmt: skip
        client.await_("contractDetailsEnd")
        [(_, details)] = client.of("contractDetails")
        assert details.contract.conId == SPY
        client.ask.reqMktData(3, details.contract, "", False, False, [])
        client.await_("tickPrice", lambda req_id, kind, *rest: (req_id, kind) == (3, 2))
        names = [name for name, args in client.heard if args and args[0] == 3]
        assert names[:2] == ["marketDataType", "tickReqParams"]
        client.ask.cancelMktData(3)
        client.ask.cancelMktData(9001)
        client.await_("error", lambda req_id, at, code, *rest: (req_id, code) == (9001, 300))


def test_a_snapshot_ends_with_its_end(port: int) -> None:
    """Every tick before 57, none after it."""
    with connected(port) as client:
        client.await_("nextValidId")
        client.ask.reqMktData(4, official(SPY, exchange="SMART"), "", True, False, [])
        client.await_("tickSnapshotEnd")
        own = [name for name, args in client.heard if args and args[0] == 4]
        assert own[-1] == "tickSnapshotEnd"
        assert {args[1] for args in client.of("tickPrice")} >= {1, 2, 4, 9, 14}


def test_bars_profit_chains_and_symbols(port: int) -> None:
    """Each answer ends the way the client waits for."""
    with connected(port) as client:
        client.await_("nextValidId")
        spy = official(SPY, exchange="SMART")
        client.ask.reqHistoricalData(5, spy, "", "300 S", "1 min", "TRADES", 0, 2, False, [])
        client.await_("historicalDataEnd")
        assert len(client.of("historicalData")) == 5
        client.ask.reqPnL(6, ACCOUNT, "")
        client.await_("pnl")
        client.ask.reqSecDefOptParams(7, "SPY", "", "STK", SPY)
        client.await_("securityDefinitionOptionParameterEnd")
        client.ask.reqMatchingSymbols(8, "QQ")
        [(_, samples)] = [client.await_("symbolSamples")]
        assert samples[0].contract.symbol == "QQQ"


def test_a_used_client_id_is_refused(port: int) -> None:
    """326, and the socket is closed; the first client goes on."""
    with connected(port, 5) as first, connected(port, 5) as second:
        first.await_("nextValidId")
        second.await_("error", lambda req_id, at, code, *rest: code == 326)
        second.await_("connectionClosed")
        first.ask.reqCurrentTime()
        first.await_("currentTime")


def test_unknown_contracts_are_refused(port: int) -> None:
    """200 under the request's id."""
    with connected(port) as client:
        client.await_("nextValidId")
        client.ask.reqContractDetails(9, official(42))
        client.await_("error", lambda req_id, at, code, *rest: (req_id, code) == (9, 200))


def test_a_filled_order_changes_the_position_and_pushes_it(port: int) -> None:
    """States, execution and commission of a market order; a limit order rests until cancelled."""
    with connected(port) as client:
        order_id = client.await_("nextValidId")[0]
        client.ask.reqPositions()
        client.await_("positionEnd")
        spy = official(SPY, symbol="SPY", secType="STK", exchange="SMART")
        before = [args[2] for args in client.of("position") if args[1].conId == SPY]
        # One unit: whatever size is shown, there is one fill.
        client.ask.placeOrder(order_id, spy, an_order("BUY", 1))
        client.await_("orderStatus", lambda of, status, *rest: (of, status) == (order_id, "Filled"))
        [(_, _, execution)] = client.of("execDetails")
        report = client.await_("commissionAndFeesReport")[0]
        assert report.execId == execution.execId
        held = (before[0] if before else 0) + 1
        client.await_(
            "position", lambda account, of, quantity, cost: (of.conId, quantity) == (SPY, held)
        )
        client.ask.placeOrder(order_id + 1, spy, an_order("SELL", 1, "LMT", lmtPrice=9999.0))
        client.await_("openOrder", lambda of, what, order, state: state.status == "Submitted"
                      and (of, order.lmtPrice) == (order_id + 1, 9999.0))  # fmt: skip
        client.ask.cancelOrder(order_id + 1, OrderCancel())
        client.await_(
            "error", lambda req_id, at, code, *rest: (req_id, code) == (order_id + 1, 202)
        )
        # The simulator is shared with the other tests of this module.
        client.ask.placeOrder(order_id + 2, spy, an_order("SELL", 1))
        client.await_(
            "orderStatus", lambda of, status, *rest: (of, status) == (order_id + 2, "Filled")
        )
