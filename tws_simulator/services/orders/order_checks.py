"""What of an order TWS would refuse, and what it takes it to mean.

Checked in this order: the account, the size, the side, the type, the contract and the legs, the
prices and their tick. Each raises Refused with TWS's code.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.order import Action, ComboLeg, Order
from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.kinds import SMART
from tws_simulator.instruments.universe import Universe
from tws_simulator.services.common.resolve import NOT_FOUND, Refused, resolve
from tws_simulator.services.orders.matching import LIMITED, STOPPED, TYPES
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.order_requests import Leg, PlaceOrder

#: How long an order may work; TWS takes nothing for a day.
TIMES_IN_FORCE: Mapping[str, str] = {
    "": "DAY", "DAY": "DAY", "GTC": "GTC", "IOC": "IOC", "FOK": "FOK",
}  # fmt: skip
ACTIONS: Mapping[str, Action] = {"BUY": "BUY", "SELL": "SELL"}
#: How clients spell a type.
SPELLED: Mapping[str, str] = {"STPLMT": "STP LMT", "STOP": "STP", "MARKET": "MKT", "LIMIT": "LMT"}
#: Legs a combination of options and stocks may have (IB: four with SMART).
LEGS = range(2, 5)
#: The tick of a combination's net price.
COMBO_TICK = 0.01
#: Orders are refused above this size; nothing real is larger.
LARGEST = Decimal(10**9)
#: A price may be this far from its tick, in ticks: what a double does to 0.1.
TICK_TOLERANCE = 1e-6

OFF_TICK = "The price does not conform to the minimum price variation for this contract."
NO_ACCOUNT = "You must specify an account."
NO_SIZE = "The order size cannot be zero."
NO_SUCH_TYPE = "Unsupported order type for this exchange and security type."
NO_FRACTIONS = "Fractional-sized order cannot be placed via API"


def read_order(
    request: PlaceOrder, client_id: int, perm_id: int, universe: Universe, accounts: Accounts
) -> Order:
    """Return the order that a request means; raises Refused."""
    account = _account(request.account, accounts)
    _check_size(request.quantity)
    action = _action(request.action)
    kind = SPELLED.get(request.order_type.upper(), request.order_type.upper())
    if kind not in TYPES:
        raise Refused(ErrorCode.ORDER_TYPE, NO_SUCH_TYPE)
    tif = TIMES_IN_FORCE.get(request.tif.upper())
    if tif is None or request.good_after or request.conditions:
        cause = (
            f"Invalid time in force {request.tif}" if tif is None else "Condition: not simulated"
        )
        raise Refused(ErrorCode.VALIDATING, cause)
    legs = _legs(request, universe)
    contract = legs[0].contract if legs else resolve(universe, request.contract)
    if contract.sec_type == "IND":
        raise Refused(ErrorCode.ORDER_REJECTED, rejected("An index cannot be traded."))
    if request.quantity % 1 and (legs or contract.sec_type != "STK"):
        raise Refused(ErrorCode.FRACTIONAL_ORDER, NO_FRACTIONS)
    tick = COMBO_TICK if legs else contract.min_tick
    limit = _price(request.limit_price, kind in LIMITED, tick, signed=bool(legs))
    stop = _price(request.aux_price, kind in STOPPED, tick, signed=bool(legs))
    return Order(
        order_id=request.order_id,
        client_id=client_id,
        perm_id=perm_id,
        contract=contract,
        account=account,
        action=action,
        quantity=request.quantity,
        order_type=kind,
        exchange=request.contract.exchange or SMART,
        legs=legs,
        limit_price=limit,
        aux_price=stop,
        tif=tif,
        oca_group=request.oca_group,
        oca_type=request.oca_type,
        order_ref=request.order_ref,
        parent_id=request.parent_id,
        transmit=request.transmit,
        outside_rth=request.outside_rth,
        what_if=request.what_if,
    )


def rejected(reason: str) -> str:
    """Return a refusal in TWS's words."""
    return f"Order rejected - reason:{reason}"


def _account(named: str, accounts: Accounts) -> str:
    if not named and len(accounts.names) > 1:
        raise Refused(ErrorCode.ACCOUNT_MISSING, NO_ACCOUNT)
    account = named or accounts.names[0]
    if account not in accounts.names:
        raise Refused(ErrorCode.VALIDATING, f"Invalid account code '{account}'")
    return account


def _check_size(quantity: Decimal) -> None:
    if not quantity:
        raise Refused(ErrorCode.ORDER_SIZE_ZERO, NO_SIZE)
    if not 0 < quantity <= LARGEST:
        raise Refused(ErrorCode.VALIDATING, "Invalid order size")


def _action(text: str) -> Action:
    action = ACTIONS.get(text.upper())
    if action is None:
        raise Refused(ErrorCode.VALIDATING, f"Invalid action {text[:20]}")
    return action


def _legs(request: PlaceOrder, universe: Universe) -> tuple[ComboLeg, ...]:
    if request.contract.sec_type != "BAG":
        return ()
    if not request.contract.exchange:
        raise Refused(ErrorCode.VALIDATING, "Please enter exchange")
    if len(request.legs) not in LEGS:
        raise Refused(ErrorCode.VALIDATING, "Invalid number of combo legs")
    legs = tuple(_leg(leg, universe) for leg in request.legs)
    if len({leg.contract.con_id for leg in legs}) < len(legs):
        raise Refused(ErrorCode.VALIDATING, "A combo has a contract twice")
    return legs


def _leg(leg: Leg, universe: Universe) -> ComboLeg:
    contract: Contract | None = universe.get(leg.con_id)
    if contract is None:
        raise Refused(ErrorCode.NO_SECURITY, NOT_FOUND)
    if leg.ratio < 1 or contract.sec_type == "IND":
        raise Refused(ErrorCode.VALIDATING, "Invalid combo leg")
    return ComboLeg(contract, leg.ratio, _action(leg.action), leg.exchange or SMART)


def _price(price: float | None, needed: bool, tick: float, *, signed: bool) -> float | None:
    """Return a price that the type of order needs; what it does not need is left out."""
    if not needed:
        return None
    if price is None or (price <= 0 and not signed):
        raise Refused(ErrorCode.VALIDATING, "Missing or invalid price")
    steps = price / tick
    if abs(steps - round(steps)) > TICK_TOLERANCE * max(1.0, abs(steps)):
        raise Refused(ErrorCode.PRICE_VARIATION, OFF_TICK)
    return price
