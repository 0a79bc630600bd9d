"""Whatever a portfolio file can express, IB's own client reads without an error."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ibapi.const import UNSET_DECIMAL, UNSET_DOUBLE

from tests.support.effort import examples
from tests.support.official_client import OfficialClient, Recorder, official
from tests.unit.simulator.any_portfolio import portfolios
from tests.unit.simulator.in_memory import InMemoryTws
from tws_simulator.book.file import portfolio_of
from tws_simulator.book.position import Position
from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.kinds import KINDS
from tws_simulator.instruments.query import data_exchanges, details_exchanges

#: Versions at which the layout of details, errors or names changes.
VERSIONS = (157, 163, 164, 176, 178, 179, 182, 186, 188, 194, 200)
#: Numbers that IB's client reads as "none", whatever they were.
NONE_TO_THEM = frozenset((2**63 - 1, -(2**63), 2**31 - 1))


def _spelt(value: object) -> object:
    """Turn exact numbers into what JSON has."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def _check_rows(heard: Recorder, ours: list[Position]) -> None:
    rows = heard.of("position")
    assert len(rows) == len(ours)
    for (account, theirs, quantity, cost), held in zip(rows, ours, strict=True):
        contract = held.contract
        assert (account, theirs.conId) == (held.account, contract.con_id)
        assert (theirs.symbol, theirs.secType) == (contract.symbol, contract.sec_type)
        assert (theirs.currency, theirs.exchange) == (contract.currency, contract.position_exchange)
        assert theirs.multiplier == contract.multiplier_text
        unset = quantity == UNSET_DECIMAL and held.quantity in NONE_TO_THEM
        assert unset or quantity == held.quantity
        if held.known_cost is None:
            assert cost != cost or cost == UNSET_DOUBLE
        else:
            assert cost == held.avg_cost


def _check_details(client: OfficialClient, contract: Contract) -> None:
    heard = client.recorder
    heard.heard.clear()
    client.requests.reqContractDetails(5, official(contract.con_id))
    client.listen()
    is_bond = KINDS[contract.sec_type].has_par
    rows = heard.of("bondContractDetails" if is_bond else "contractDetails")
    assert [details.contract.exchange for _, details in rows] == list(
        details_exchanges(contract, "")
    )
    for _, details in rows:
        assert (details.contract.conId, details.contract.secType) == (
            contract.con_id, contract.sec_type,
        )  # fmt: skip
        if not is_bond:
            assert details.priceMagnifier == contract.price_magnifier
            assert details.contract.multiplier == contract.multiplier_text
    assert heard.of("contractDetailsEnd") == [(5,)]


def _check_ticks(client: OfficialClient, contract: Contract) -> None:
    heard = client.recorder
    heard.heard.clear()
    where = data_exchanges(contract)
    client.requests.reqMktData(6, official(contract.con_id, exchange=where[0] if where else "NYSE"),
                               "", False, False, [])  # fmt: skip
    client.listen(2.0)
    answered = [name for name, args in heard.heard if args and args[0] == 6]
    assert answered, "a request is never left without an answer"
    quote = client.tws.world.market.quote(contract, client.tws.now)
    reported = {args[1]: args[2] for args in heard.of("tickPrice")}
    for kind, price in ((1, quote.bid), (2, quote.ask)):
        assert kind not in reported or reported[kind] == price
    client.requests.cancelMktData(6)
    client.listen(1.0)


@settings(max_examples=examples(60), deadline=None)
@given(portfolios(), st.sampled_from(VERSIONS))
def test_any_portfolio_is_read_by_the_official_client(file: dict[str, Any], version: int) -> None:
    """Rows, values, details and ticks of each contract, at any version; 200 for what is unknown."""
    tws = InMemoryTws(portfolio=portfolio_of(file, "p"), server_version=version, messages_per_s=0)
    client, world = OfficialClient(tws), tws.world
    client.requests.reqPositions()
    _check_rows(client.listen(), list(world.accounts.positions()))
    client.requests.reqAccountUpdates(True, world.accounts.names[0])
    client.requests.reqAccountSummary(4, "All", "NetLiquidation")
    client.listen()
    listed = [p.contract for p in world.accounts.positions()]
    known = [c for c in listed if world.universe.get(c.con_id) is not None]
    for contract in known:
        _check_details(client, contract)
        _check_ticks(client, contract)
    client.recorder.heard.clear()
    for contract in listed:
        if contract not in known:
            client.requests.reqContractDetails(7, official(contract.con_id))
    client.listen()
    codes = [args[2] for args in client.recorder.of("error")]
    assert codes == [200] * (len(listed) - len(known))
    assert tws.world.lines.held == 0


@settings(max_examples=examples(40), deadline=None)
@given(portfolios())
def test_any_portfolio_is_a_file(file: dict[str, Any]) -> None:
    """What the strategy draws can be written as JSON, and read back."""
    text = json.dumps(file, default=_spelt)
    again = json.loads(text, parse_float=Decimal)
    assert portfolio_of(again, "p").accounts == portfolio_of(file, "p").accounts
