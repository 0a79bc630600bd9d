"""The same order in the words of each client's library."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import ib_async
import ibapi.contract
import ibapi.order
import ibapi.order_condition as official_conditions
import ibapi.softdollartier
import ibapi.tag_value

from tests.support.any_orders import Placed
from tests.support.unread_fields import SINCE
from tws_simulator.instruments.query import ContractQuery

_CONTRACT = {
    "con_id": "conId", "symbol": "symbol", "sec_type": "secType",
    "expiry": "lastTradeDateOrContractMonth", "strike": "strike", "right": "right",
    "multiplier": "multiplier", "exchange": "exchange", "primary_exchange": "primaryExchange",
    "currency": "currency", "local_symbol": "localSymbol", "trading_class": "tradingClass",
}  # fmt: skip
_ORDER = {
    "action": "action", "quantity": "totalQuantity", "order_type": "orderType",
    "limit_price": "lmtPrice", "aux_price": "auxPrice", "tif": "tif", "oca_group": "ocaGroup",
    "oca_type": "ocaType", "account": "account", "order_ref": "orderRef", "transmit": "transmit",
    "parent_id": "parentId", "outside_rth": "outsideRth", "what_if": "whatIf",
    "good_after": "goodAfterTime", "good_till": "goodTillDate",
    "trail_stop_price": "trailStopPrice", "trailing_percent": "trailingPercent",
    "algo": "algoStrategy", "cash_quantity": "cashQty",
}  # fmt: skip


def _set(theirs: Any, names: dict[str, str], ours: object) -> Any:
    """Copy what is there; None stays what their library takes for "none"."""
    for name, their_name in names.items():
        value = getattr(ours, name)
        if value is not None:
            setattr(theirs, their_name, value)
    return theirs


def official_contract(query: ContractQuery) -> Any:
    """Name a contract to IB's client."""
    return _set(ibapi.contract.Contract(), _CONTRACT, query)


def official(placed: Placed, version: int) -> tuple[Any, Any]:
    """Give the contract and the order for IB's client, as far as it may say it at a version."""
    contract = official_contract(placed.read.contract)
    order = _set(ibapi.order.Order(), _ORDER, placed.read)
    for name, value in placed.unread.items():
        if version >= SINCE.get(name, 0):
            setattr(order, name, value)
    contract.comboLegs = [_leg(ibapi.contract.ComboLeg(), leg) for leg in placed.read.legs]
    order.orderComboLegs = [_priced(ibapi.order.OrderComboLeg(), p) for p in placed.leg_prices]
    tag = ibapi.tag_value.TagValue
    order.smartComboRoutingParams, order.algoParams, order.orderMiscOptions = (
        [tag(*pair) for pair in pairs] for pairs in placed.pairs
    )
    order.softDollarTier = ibapi.softdollartier.SoftDollarTier("tier", "1", "")
    order.conditions = [_official_condition(*c) for c in placed.conditions]
    if placed.delta_neutral:
        contract.deltaNeutralContract = ibapi.contract.DeltaNeutralContract()
    return contract, order


def pythonic(placed: Placed, library: ModuleType = ib_async) -> tuple[Any, Any]:
    """Give the contract and the order for ib_async or ib_insync."""
    contract = _set(library.Contract(), _CONTRACT, placed.read.contract)
    order = _set(library.Order(), _ORDER, placed.read)
    order.totalQuantity = float(placed.read.quantity)
    for name, value in placed.unread.items():
        if hasattr(order, name):
            setattr(order, name, value)
    contract.comboLegs = [_leg(library.ComboLeg(), leg) for leg in placed.read.legs]
    order.orderComboLegs = [_priced(library.OrderComboLeg(), p) for p in placed.leg_prices]
    order.smartComboRoutingParams, order.algoParams, order.orderMiscOptions = (
        [library.TagValue(*pair) for pair in pairs] for pairs in placed.pairs
    )
    order.conditions = [_pythonic_condition(library, *c) for c in placed.conditions]
    if placed.delta_neutral:
        contract.deltaNeutralContract = library.DeltaNeutralContract(1, 0.5, 2.0)
    return contract, order


def _leg(theirs: Any, leg: Any) -> Any:
    theirs.conId, theirs.ratio = leg.con_id, leg.ratio
    theirs.action, theirs.exchange = leg.action, leg.exchange
    return theirs


def _priced(theirs: Any, price: float | None) -> Any:
    if price is not None:
        theirs.price = price
    return theirs


def _official_condition(kind: int, more: bool, text: str, whole: int, number: float) -> Any:
    made = {
        1: lambda: official_conditions.PriceCondition(whole, whole, text, more, number),
        3: lambda: official_conditions.TimeCondition(more, text),
        4: lambda: official_conditions.MarginCondition(more, number),
        5: lambda: official_conditions.ExecutionCondition(text, text, text),
        6: lambda: official_conditions.VolumeCondition(whole, text, more, whole),
        7: lambda: official_conditions.PercentChangeCondition(whole, text, more, number),
    }[kind]()
    return made.And() if more else made.Or()


def _pythonic_condition(
    library: ModuleType, kind: int, more: bool, text: str, whole: int, number: float
) -> Any:
    fields: dict[int, dict[str, Any]] = {
        1: {"price": number, "conId": whole, "exch": text, "triggerMethod": whole},
        3: {"time": text},
        4: {"percent": whole},
        5: {"secType": text, "exch": text, "symbol": text},
        6: {"volume": whole, "conId": whole, "exch": text},
        7: {"changePercent": number, "conId": whole, "exch": text},
    }
    made = library.OrderCondition.createClass(kind)(**fields[kind])
    return made.And() if more else made.Or()
