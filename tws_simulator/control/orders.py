"""Commands about trades and orders.

fill           con_id, quantity (signed), account (default the first), price (default the market's):
               trade by hand in TWS: an execution, its commission, cash and the position
reject_orders  count (default 1), reason (default a lack of equity): the next orders get 201
orders         list the orders that live
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.errors import ControlError
from tws_simulator.world import World

#: Most orders that one command rejects.
MAX_REJECTED = 10_000
LACK = "YOUR ORDER IS NOT ACCEPTED: the equity with loan value must exceed the initial margin"


def _fill(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    account = arguments.text("account", world.accounts.names[0])
    if account not in world.accounts.names:
        raise ControlError(f"there is no account {account}")
    con_id = arguments.integer("con_id")
    contract = world.universe.get(con_id)
    if contract is None:
        raise ControlError(f"there is no contract {con_id}")
    if contract.sec_type == "IND":
        raise ControlError(f"contract {con_id} is an index, which cannot be traded")
    change = arguments.decimal("quantity")
    if not change:
        raise ControlError("quantity must be a number that is not 0")
    price = arguments.decimal("price")
    if price is None:
        price = Decimal(str(world.market.mark(contract, now)))
    if price < 0 <= world.market.mark(contract, now):
        raise ControlError("price must not be negative")
    exec_id = world.manual_trades.trade(account, contract, change, price, now)
    return {"exec_id": exec_id, "price": float(price)}


def _reject(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    count = arguments.integer("count", 1)
    if count > MAX_REJECTED:
        raise ControlError(f"count must be at most {MAX_REJECTED}")
    world.orders.rejections.extend([arguments.text("reason", LACK)] * count)
    return {}


def _orders(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    rows = [
        {
            "client_id": state.order.client_id,
            "order_id": state.order.order_id,
            "account": state.order.account,
            "con_id": state.order.contract.con_id,
            "sec_type": state.order.sec_type,
            "action": state.order.action,
            "quantity": float(state.order.quantity),
            "filled": float(state.filled),
            "order_type": state.order.order_type,
            "status": state.status,
        }
        for state in (working.state for working in world.order_register.live())
    ]
    return {"orders": rows}


#: By name.
ORDERS: Mapping[str, Command] = {
    "fill": _fill,
    "reject_orders": _reject,
    "orders": _orders,
}
