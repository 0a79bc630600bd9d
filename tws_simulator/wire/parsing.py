"""From a frame's fields to a request. Each parser starts after the message id.

Field orders are those of ib_async 2.1 and ibapi 10.19 to 10.51 at server versions 157 to 200.
"""

from __future__ import annotations

from tws_simulator.errors import MalformedRequest
from tws_simulator.instruments.query import ContractQuery
from tws_simulator.wire.fields import Fields
from tws_simulator.wire.requests import (
    AccountRequest,
    AccountSummaryRequest,
    AccountUpdatesRequest,
    Bare,
    ById,
    ContractDetailsRequest,
    HistoryRequest,
    MarketDataRequest,
    Number,
    OptionParamsRequest,
    SmartComponentsRequest,
    StartApi,
    SymbolsRequest,
)

#: Most legs a combination may have; TWS takes no more than six for market data.
MAX_LEGS = 6
#: Fields of a leg in a market data or history request.
LEG_FIELDS = 4


def contract(fields: Fields) -> ContractQuery:
    """Read the twelve fields that name a contract."""
    return ContractQuery(
        con_id=fields.integer(empty=0),
        symbol=fields.text(),
        sec_type=fields.text(),
        expiry=fields.text(),
        strike=fields.number(),
        right=fields.text(),
        multiplier=fields.text(),
        exchange=fields.text(),
        primary_exchange=fields.text(),
        currency=fields.text(),
        local_symbol=fields.text(),
        trading_class=fields.text(),
    )


def _skip_legs(fields: Fields, query: ContractQuery) -> None:
    if query.sec_type == "BAG":
        count = fields.integer(empty=0)
        if not 0 <= count <= MAX_LEGS:
            raise MalformedRequest(f"a combination of {count} legs")
        fields.skip(count * LEG_FIELDS)


def start_api(fields: Fields) -> StartApi:
    """Read 71: version, client id, optional capabilities."""
    fields.skip()
    return StartApi(fields.integer())


def bare(_: Fields) -> Bare:
    """Read a request that is its id alone."""
    return Bare()


def by_id(fields: Fields) -> ById:
    """Read a version and a request id."""
    fields.skip()
    return ById(fields.integer())


def by_id_unversioned(fields: Fields) -> ById:
    """Read a request id."""
    return ById(fields.integer())


def number(fields: Fields) -> Number:
    """Read a version and a number."""
    fields.skip()
    return Number(fields.integer(empty=0))


def market_data(fields: Fields) -> MarketDataRequest:
    """Read 1, version 11."""
    fields.skip()
    req_id = fields.integer()
    query = contract(fields)
    _skip_legs(fields, query)
    if fields.flag():
        fields.skip(3)  # the delta-neutral contract
    return MarketDataRequest(
        req_id=req_id,
        contract=query,
        generic_ticks=fields.text(),
        snapshot=fields.flag(),
        regulatory=fields.flag(),
    )


def contract_details(fields: Fields) -> ContractDetailsRequest:
    """Read 9, version 8; what follows the contract narrows nothing we have."""
    fields.skip()
    return ContractDetailsRequest(fields.integer(), contract(fields))


def history(fields: Fields) -> HistoryRequest:
    """Read 20, which has no version."""
    req_id = fields.integer()
    query = contract(fields)
    fields.skip()  # include expired
    end, bar_size, duration = fields.text(), fields.text(), fields.text()
    fields.skip()  # regular hours only
    what, date_format = fields.text(), fields.integer(empty=1)
    _skip_legs(fields, query)
    return HistoryRequest(req_id, query, end, bar_size, duration, what, date_format, fields.flag())


def account_updates(fields: Fields) -> AccountUpdatesRequest:
    """Read 6, version 2."""
    fields.skip()
    return AccountUpdatesRequest(fields.flag(), fields.text())


def account_versioned(fields: Fields) -> AccountRequest:
    """Read 74 and 76: version, id, account, model."""
    fields.skip()
    return AccountRequest(fields.integer(), fields.text(), fields.text())


def account(fields: Fields) -> AccountRequest:
    """Read 92: id, account, model."""
    return AccountRequest(fields.integer(), fields.text(), fields.text())


def account_contract(fields: Fields) -> AccountRequest:
    """Read 94: id, account, model, contract id."""
    return AccountRequest(fields.integer(), fields.text(), fields.text(), fields.integer())


def account_summary(fields: Fields) -> AccountSummaryRequest:
    """Read 62: version, id, group, tags."""
    fields.skip()
    return AccountSummaryRequest(fields.integer(), fields.text(), fields.text())


def option_params(fields: Fields) -> OptionParamsRequest:
    """Read 78: id, symbol, exchange of futures options, type, contract id."""
    req_id, symbol = fields.integer(), fields.text()
    fields.skip()
    return OptionParamsRequest(req_id, symbol, fields.text(), fields.integer(empty=0))


def number_unversioned(fields: Fields) -> Number:
    """Read a number."""
    return Number(fields.integer())


def smart_components(fields: Fields) -> SmartComponentsRequest:
    """Read 83: id, code."""
    return SmartComponentsRequest(fields.integer(), fields.text())


def symbols(fields: Fields) -> SymbolsRequest:
    """Read 81: id, pattern."""
    return SymbolsRequest(fields.integer(), fields.text())
