"""At every server version IB's own client reads every security type: rows, details and ticks."""

from __future__ import annotations

import pytest

from tests.support.official_client import OfficialClient, official
from tests.support.versions import versions
from tests.unit.simulator.holdings import HOLDINGS, holding
from tws_simulator.instruments.kinds import KINDS

VERSIONS = versions()
SHARE_CFD = {"symbol": "AAPL", "sec_type": "CFD", "quantity": 5,
             "reroute": {"con_id": 265598, "exchange": "SMART"}}  # fmt: skip
NQ = {"symbol": "NQ", "expiry": "20261218", "quantity": 1, "multiplier": 20,
      "valid_exchanges": ["QBALGO", "CME"]}  # fmt: skip


@pytest.fixture(params=VERSIONS)
def client(request: pytest.FixtureRequest) -> OfficialClient:
    """Connect IB's client, at one version, to an account of every security type."""
    entries = [*(held.entry for held in HOLDINGS.values()), SHARE_CFD, NQ]
    return OfficialClient(holding(entries, server_version=request.param, messages_per_s=0))


def test_every_kind_is_read(client: OfficialClient) -> None:
    """Each row, its details as 10 or 18 with 52 behind them, and its quote; or 200."""
    world = client.tws.world
    client.requests.reqPositions()
    rows = client.listen().of("position")
    assert [contract.secType for _, contract, _, _ in rows] == [*HOLDINGS, "CFD", "FUT"]
    for (kind, expected), (_, row, _, _) in zip(HOLDINGS.items(), rows[:-2], strict=True):
        heard = client.recorder
        heard.heard.clear()
        client.requests.reqContractDetails(3, official(row.conId))
        client.requests.reqMktData(4, official(row.conId, exchange=expected.asked), "", False,
                                   False, [])  # fmt: skip
        client.listen(1.0)
        if expected.value is None:
            assert [args[2] for args in heard.of("error")] == [200, 200]
            continue
        assert heard.of("error") == []
        known = world.universe.get(row.conId)
        assert known is not None
        has_par = KINDS[known.sec_type].has_par
        [(_, details)] = heard.of("bondContractDetails" if has_par else "contractDetails")
        assert (details.contract.conId, details.contract.secType) == (row.conId, kind)
        assert heard.of("contractDetailsEnd") == [(3,)]
        assert heard.of("tickPrice")
        client.requests.cancelMktData(4)
        client.listen(1.0)


def test_a_bonds_details_are_message_18(client: OfficialClient) -> None:
    """Its coupon is a number with decimals, its maturity a date; it has no symbol."""
    [bond] = [p.contract for p in client.tws.world.accounts.positions()
              if p.contract.sec_type == "BOND"]  # fmt: skip
    client.requests.reqContractDetails(3, official(bond.con_id))
    [(_, details)] = client.listen().of("bondContractDetails")
    assert (details.coupon, details.maturity, details.bondType) == (0.25, "20300930", "GOVT")
    assert (details.cusip, details.contract.symbol, details.timeZoneId) == ("91282CDA6", "", "")
    assert details.minTick == 0.0001
    assert [(tag.tag, tag.value) for tag in details.secIdList] == [("CUSIP", "91282CDA6")]


def test_a_share_cfd_is_answered_by_message_91_alone(client: OfficialClient) -> None:
    """With the contract and the exchange to ask for instead."""
    cfd = [p.contract for p in client.tws.world.accounts.positions()][-2]
    client.recorder.heard.clear()
    client.requests.reqMktData(4, official(cfd.con_id, exchange="SMART"), "", False, False, [])
    heard = client.listen(15.0)
    assert heard.heard == [("rerouteMktDataReq", (4, 265598, "SMART"))]


def test_two_exchanges_are_two_rows_of_details(client: OfficialClient) -> None:
    """Of one contract, then one end."""
    future = [p.contract for p in client.tws.world.accounts.positions()][-1]
    client.requests.reqContractDetails(3, official(future.con_id))
    heard = client.listen()
    rows = [details for _, details in heard.of("contractDetails")]
    assert [details.contract.exchange for details in rows] == ["QBALGO", "CME"]
    assert {details.validExchanges for details in rows} == {"QBALGO,CME"}
    assert {details.contract.conId for details in rows} == {future.con_id}
    assert heard.of("contractDetailsEnd") == [(3,)]
