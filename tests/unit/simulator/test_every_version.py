"""At every server version we can be asked for, IB's own client reads what we write, and we it.

The client decodes and encodes by version, so a field too many or too few anywhere shows.
"""

from __future__ import annotations

from typing import Any

import pytest
from ibapi.execution import ExecutionFilter
from ibapi.scanner import ScannerSubscription
from ibapi.server_versions import MIN_SERVER_VER_USER_INFO

from tests.support.official_client import OfficialClient, official
from tests.support.versions import versions
from tests.unit.simulator.in_memory import InMemoryTws

VERSIONS = versions()
ACCOUNT = "DU1234567"


@pytest.fixture(params=VERSIONS, scope="module")
def client(request: pytest.FixtureRequest) -> OfficialClient:
    """Connect IB's client at one version."""
    tws = InMemoryTws(server_version=request.param, messages_per_s=0, positions=12)
    return OfficialClient(tws)


@pytest.fixture(autouse=True)
def nothing_is_refused(client: OfficialClient, request: pytest.FixtureRequest) -> Any:
    """Begin with an empty record; unless a test expects errors, there are none."""
    client.recorder.heard.clear()
    yield
    if "refused" not in request.node.name:
        codes = [args[2] for args in client.recorder.of("error")]
        assert [code for code in codes if code < 2000] == []


def test_the_version_is_the_lower_of_both(client: OfficialClient) -> None:
    assert client.version == client.tws.config.server_version


def test_time_ids_and_accounts(client: OfficialClient) -> None:
    client.requests.reqCurrentTime()
    client.requests.reqIds(-1)
    client.requests.reqManagedAccts()
    client.requests.setServerLogLevel(1)
    heard = client.listen()
    assert heard.of("currentTime") == [(int(client.tws.now),)]
    assert heard.of("nextValidId")
    assert heard.of("managedAccounts") == [(ACCOUNT,)]
    if client.version >= 197:
        client.requests.reqCurrentTimeInMillis()
        assert client.listen().of("currentTimeInMillis") == [(int(client.tws.now * 1000),)]


def test_positions(client: OfficialClient) -> None:
    client.requests.reqPositions()
    heard = client.listen()
    client.requests.cancelPositions()
    held = {p.contract.con_id: p for p in client.tws.world.accounts.positions()}
    assert len(heard.of("position")) == len(held) == 12
    for account, contract, quantity, avg_cost in heard.of("position"):
        ours = held[contract.conId]
        assert (account, quantity, avg_cost) == (ACCOUNT, ours.quantity, ours.avg_cost)
        assert (contract.symbol, contract.secType) == (ours.contract.symbol, ours.contract.sec_type)
        assert contract.tradingClass == ours.contract.trading_class
    assert heard.heard[-1] == ("positionEnd", ())


def test_positions_and_values_by_account(client: OfficialClient) -> None:
    client.requests.reqPositionsMulti(1, ACCOUNT, "")
    client.requests.reqAccountUpdatesMulti(2, ACCOUNT, "", False)
    heard = client.listen()
    client.requests.cancelPositionsMulti(1)
    client.requests.cancelAccountUpdatesMulti(2)
    assert len(heard.of("positionMulti")) == 12
    assert heard.of("positionMultiEnd") == [(1,)]
    assert "NetLiquidation" in {args[3] for args in heard.of("accountUpdateMulti")}
    assert heard.of("accountUpdateMultiEnd") == [(2,)]


def test_account_updates_and_summary(client: OfficialClient) -> None:
    client.requests.reqAccountUpdates(True, ACCOUNT)
    client.requests.reqAccountSummary(3, "All", "NetLiquidation,TotalCashValue")
    heard = client.listen()
    client.requests.reqAccountUpdates(False, ACCOUNT)
    client.requests.cancelAccountSummary(3)
    portfolio = heard.of("updatePortfolio")
    assert {args[0].conId for args in portfolio} == {
        p.contract.con_id for p in client.tws.world.accounts.positions()
    }
    assert {args[7] for args in portfolio} == {ACCOUNT}
    assert heard.of("updateAccountTime")
    assert heard.of("accountDownloadEnd") == [(ACCOUNT,)]
    assert [args[2] for args in heard.of("accountSummary")] == ["NetLiquidation", "TotalCashValue"]
    assert heard.of("accountSummaryEnd") == [(3,)]


@pytest.mark.parametrize("kind", ["STK", "OPT", "FUT"])
def test_contract_details(client: OfficialClient, kind: str) -> None:
    ours = client.tws.held(kind)
    client.requests.reqContractDetails(4, official(ours.con_id))
    heard = client.listen()
    [(req_id, details)] = heard.of("contractDetails")
    theirs = details.contract
    assert (req_id, theirs.conId, theirs.symbol, theirs.secType) == (
        4, ours.con_id, ours.symbol, kind,
    )  # fmt: skip
    assert (theirs.strike, theirs.right) == (ours.strike, ours.right)
    assert theirs.lastTradeDateOrContractMonth == ours.expiry
    assert (details.minTick, details.longName) == (ours.min_tick, ours.long_name)
    assert details.tradingHours
    assert details.realExpirationDate == ours.expiry
    assert bool(details.stockType) is (kind == "STK")
    if client.version >= 164:
        assert details.minSize > 0
    assert heard.of("contractDetailsEnd") == [(4,)]


def test_a_line_streams_and_ends(client: OfficialClient) -> None:
    client.requests.reqMarketDataType(1)
    client.requests.reqMktData(5, official(756733, exchange="SMART"), "", False, False, [])
    heard = client.listen(3.0)
    client.requests.cancelMktData(5)
    client.listen(1.0)
    assert heard.heard[0] == ("marketDataType", (5, 1))
    assert heard.heard[1][0] == "tickReqParams"
    prices = {args[1]: args[2] for args in heard.of("tickPrice")}
    assert prices[1] < prices[2]
    assert {1, 2, 4, 6, 7, 9, 14} <= prices.keys()
    assert heard.of("tickSize")
    assert heard.of("tickString")


def test_an_options_computations(client: OfficialClient) -> None:
    option = client.tws.held("OPT")
    client.requests.reqMktData(6, official(option.con_id, exchange="SMART"), "", True, False, [])
    heard = client.listen(12.0)
    assert {args[1] for args in heard.of("tickOptionComputation")} == {10, 11, 12, 13}
    assert all(len(args) == 11 for args in heard.of("tickOptionComputation"))
    assert heard.of("tickSnapshotEnd") == [(6,)]


def test_bars(client: OfficialClient) -> None:
    spy = official(756733, exchange="SMART")
    client.requests.reqHistoricalData(7, spy, "", "300 S", "1 min", "TRADES", 0, 2, False, [])
    heard = client.listen(3.0)
    assert len(heard.of("historicalData")) == 5
    assert all(args[1].low <= args[1].close <= args[1].high for args in heard.of("historicalData"))
    [(req_id, start, end)] = heard.of("historicalDataEnd")
    assert (req_id, bool(start), bool(end)) == (7, True, True)


def test_bars_that_are_kept_up_to_date(client: OfficialClient) -> None:
    spy = official(756733, exchange="SMART")
    client.requests.reqHistoricalData(8, spy, "", "300 S", "1 min", "TRADES", 0, 2, True, [])
    heard = client.listen(30.0)
    client.requests.cancelHistoricalData(8)
    client.listen()
    assert heard.of("historicalDataUpdate")
    bar = heard.of("historicalDataUpdate")[-1][1]
    assert bar.low <= bar.close <= bar.high


def test_profit(client: OfficialClient) -> None:
    held = client.tws.held("STK")
    client.requests.reqPnL(9, ACCOUNT, "")
    client.requests.reqPnLSingle(10, ACCOUNT, "", held.con_id)
    heard = client.listen(1.0)
    client.requests.cancelPnL(9)
    client.requests.cancelPnLSingle(10)
    assert heard.of("pnl")[0][0] == 9
    assert heard.of("pnlSingle")[0][1] == next(
        p.quantity for p in client.tws.world.accounts.positions()
        if p.contract.con_id == held.con_id
    )  # fmt: skip


def test_option_chains_and_symbols(client: OfficialClient) -> None:
    client.requests.reqSecDefOptParams(11, "SPY", "", "STK", 756733)
    client.requests.reqMatchingSymbols(12, "SP")
    heard = client.listen(1.0)
    assert {args[1] for args in heard.of("securityDefinitionOptionParameter")} >= {"SMART"}
    assert heard.of("securityDefinitionOptionParameterEnd") == [(11,)]
    [(req_id, samples)] = heard.of("symbolSamples")
    assert req_id == 12
    assert "SPY" in {sample.contract.symbol for sample in samples}
    if client.version >= 176:
        assert all(sample.contract.description for sample in samples)


def test_rules_components_and_the_user(client: OfficialClient) -> None:
    client.requests.reqContractDetails(13, official(756733))
    details = client.listen().of("contractDetails")[0][1]
    rule = int(details.marketRuleIds.split(",")[0])
    client.requests.reqMarketRule(rule)
    client.requests.reqSmartComponents(14, "9c0001")
    heard = client.listen()
    [(rule_id, increments)] = heard.of("marketRule")
    assert rule_id == rule
    assert increments[0].increment == details.minTick
    [(req_id, components)] = heard.of("smartComponents")
    assert req_id == 14
    assert {component.exchange for component in components} >= {"ARCA", "NASDAQ"}
    if client.version >= MIN_SERVER_VER_USER_INFO:
        client.requests.reqUserInfo(15)
        assert client.listen().of("userInfo") == [(15, "")]


def test_lists_of_orders_that_are_empty(client: OfficialClient) -> None:
    client.requests.reqOpenOrders()
    client.requests.reqAllOpenOrders()
    client.requests.reqCompletedOrders(False)
    client.requests.reqExecutions(16, ExecutionFilter())
    heard = client.listen()
    assert heard.of("openOrderEnd") == [(), ()]
    assert heard.of("completedOrdersEnd") == [()]
    assert heard.of("execDetailsEnd") == [(16,)]


def test_errors_are_refused_with_their_fields(client: OfficialClient) -> None:
    """With the time from 194 on, with the reject text from 166 on."""
    client.requests.cancelMktData(9001)
    [(req_id, at_ms, code, text, _)] = client.listen().of("error")
    assert (req_id, code, text) == (9001, 300, "Can't find EId with tickerId:9001")
    assert at_ms == (int(client.tws.now * 1000) if client.version >= 194 else 0)


def test_what_is_not_simulated_is_refused_under_its_own_id(client: OfficialClient) -> None:
    """No client waits without end: each known request that we do not serve gets an error."""
    ask = client.requests
    spy = official(756733, exchange="SMART")
    ask.reqMktDepth(101, spy, 5, False, [])
    ask.reqTickByTickData(102, spy, "Last", 0, True)
    ask.reqRealTimeBars(103, spy, 5, "TRADES", True, [])
    ask.reqHeadTimeStamp(104, spy, "TRADES", 1, 1)
    ask.reqHistogramData(105, spy, True, "3 days")
    ask.reqHistoricalTicks(106, spy, "20260101-00:00:00", "", 10, "TRADES", 1, True, [])
    ask.reqScannerSubscription(107, ScannerSubscription(), [], [])
    ask.calculateImpliedVolatility(109, spy, 1.0, 1.0, [])
    ask.calculateOptionPrice(110, spy, 1.0, 1.0, [])
    ask.reqSoftDollarTiers(111)
    ask.reqHistoricalNews(112, 756733, "BRFG", "", "", 10, [])
    ask.reqNewsArticle(113, "BRFG", "a", [])
    ask.queryDisplayGroups(114)
    ask.replaceFA(115, 1, "<xml/>")
    ask.exerciseOptions(116, spy, 1, 1, ACCOUNT, 0, "", "", False)
    ask.subscribeToGroupEvents(117, 1)
    ask.updateDisplayGroup(118, "1")
    errors = {args[0]: args[2] for args in client.listen().of("error")}
    assert errors == dict.fromkeys([*range(101, 108), *range(109, 119)], 321)
    ask.reqScannerParameters()
    ask.reqNewsProviders()
    ask.reqMktDepthExchanges()
    ask.reqFamilyCodes()
    ask.requestFA(1)
    assert [args[0] for args in client.listen().of("error")][-5:] == [-1] * 5
