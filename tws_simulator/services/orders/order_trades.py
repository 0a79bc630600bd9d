"""Which trades one fill of an order is: one, or one of each leg and one that sums them up."""

from __future__ import annotations

from decimal import Decimal

from tws_simulator.book.commission import added
from tws_simulator.instruments.contract import Contract
from tws_simulator.services.orders.matching import Taken, TakenLeg
from tws_simulator.services.orders.order_register import SUM, Working
from tws_simulator.services.orders.trades import Trade


def contracts_of(working: Working) -> tuple[Contract, ...]:
    """Return what an order trades: its contract, or those of its legs."""
    order = working.state.order
    return tuple(leg.contract for leg in order.legs) or (order.contract,)


def trades_of(working: Working, taken: Taken, legs: tuple[TakenLeg, ...]) -> list[Trade]:
    """Return the trades of a fill; a combination's sum comes first."""
    order = working.state.order
    whole = TakenLeg(order.contract, 1, order.action, taken.price)
    if not legs:
        return [_trade(working, whole, taken.size, is_sum=False)]
    return [
        _trade(working, whole, taken.size, is_sum=True),
        *(_trade(working, leg, taken.size * leg.ratio, is_sum=False) for leg in legs),
    ]


def _trade(working: Working, leg: TakenLeg, quantity: Decimal, *, is_sum: bool) -> Trade:
    order = working.state.order
    before, paid = working.traded.get(SUM if is_sum else leg.contract.con_id, (Decimal(0),) * 2)
    cost = Decimal(0) if is_sum else added(leg.contract.sec_type, before, quantity)
    return Trade(
        order_id=order.order_id,
        client_id=order.client_id,
        perm_id=order.perm_id,
        account=order.account,
        contract=leg.contract,
        action=leg.action,
        quantity=quantity,
        price=leg.price,
        exchange=order.exchange,
        commission=cost,
        filled_before=before,
        paid_before=paid,
        order_ref=order.order_ref,
        is_combo=is_sum,
    )
