"""Trades made by hand in TWS: executions and a filled order that no API client placed."""

from __future__ import annotations

from decimal import Decimal

from tws_simulator.book.commission import commission
from tws_simulator.book.order import Order, OrderState
from tws_simulator.instruments.contract import Contract
from tws_simulator.services.orders.order_notifications import (
    TWS_CLIENT,
    TWS_ORDER,
    OrderNotifications,
)
from tws_simulator.services.orders.order_register import OrderRegister
from tws_simulator.services.orders.trades import Trade, Trades


class ManualTrades:
    """Trade at once, whatever the market does."""

    def __init__(
        self, register: OrderRegister, trades: Trades, notifications: OrderNotifications
    ) -> None:
        self._register = register
        self._trades = trades
        self._notifications = notifications

    def trade(
        self, account: str, contract: Contract, change: Decimal, price: Decimal, now: float
    ) -> str:
        """Trade so much, signed, at a price; return the id of the execution."""
        quantity = abs(change)
        cost = commission(contract.sec_type, quantity)
        order = Order(
            order_id=TWS_ORDER,
            client_id=TWS_CLIENT,
            perm_id=self._trades.new_perm_id(),
            contract=contract,
            account=account,
            action="BUY" if change > 0 else "SELL",
            quantity=quantity,
            order_type="MKT",
            exchange=contract.exchange,
        )
        trade = Trade(
            order_id=TWS_ORDER,
            client_id=TWS_CLIENT,
            perm_id=order.perm_id,
            account=account,
            contract=contract,
            action=order.action,
            quantity=quantity,
            price=price,
            exchange=contract.exchange,
            commission=cost,
            filled_before=Decimal(0),
            paid_before=Decimal(0),
            order_ref="",
        )
        state = OrderState(
            order=order,
            status="Filled",
            filled=quantity,
            avg_fill_price=float(price),
            last_fill_price=float(price),
            commission=float(cost),
            placed_at=now,
            done_at=now,
        )
        executions = [self._trades.book(trade, now)]
        self._register.finish(state)
        self._notifications.executions(executions)
        self._notifications.order(state)
        self._notifications.commissions(executions)
        self._trades.settle(trade, now)
        return executions[0].exec_id
