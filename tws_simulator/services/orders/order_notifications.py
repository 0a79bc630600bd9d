"""Receivers of orders and executions: the client that placed the order, while it is there.

Trades made by hand in TWS belong to client 0: it hears of the executions, and of the orders if it
asked for them (`reqAutoOpenOrders`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tws_simulator.book.order import Execution, OrderState
from tws_simulator.services.common.client import Client
from tws_simulator.wire.fill_replies import commission, execution
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.order_replies import open_order, order_status
from tws_simulator.wire.system_replies import NO_ID

#: The client that trades made by hand belong to.
TWS_CLIENT = 0
#: The order id of trades made by hand.
TWS_ORDER = 0


class OrderNotifications:
    """Send what happens to orders."""

    def __init__(self, clients: Mapping[int, Client]) -> None:
        self._clients = clients
        #: Whether client 0 asked for orders made by hand.
        self.binds = False

    def order(self, state: OrderState) -> None:
        """Send what an order is and how far it got."""
        client = self._listener(state)
        if client is not None:
            version = client.version
            client.send(open_order(version, state), order_status(version, state))

    def status(self, state: OrderState) -> None:
        """Return how far an order got."""
        client = self._listener(state)
        if client is not None:
            client.send(order_status(client.version, state))

    def cancelled(self, state: OrderState, now: float) -> None:
        """Send that an order was cancelled."""
        self.status(state)
        client = self._listener(state)
        if client is not None:
            text = f"Order Canceled - reason:{state.reason}"
            client.error(state.order.order_id, ErrorCode.ORDER_CANCELLED, text, now)

    def executions(self, done: Iterable[Execution]) -> None:
        """Send executions as they happen."""
        for one in done:
            client = self._clients.get(one.client_id)
            if client is not None:
                client.send(execution(client.version, NO_ID, one))

    def commissions(self, done: Iterable[Execution]) -> None:
        """Send what executions cost."""
        for one in done:
            client = self._clients.get(one.client_id)
            if client is not None and not one.is_combo:
                client.send(commission(client.version, one))

    def _listener(self, state: OrderState) -> Client | None:
        order = state.order
        if order.order_id == TWS_ORDER and not self.binds:
            return None
        return self._clients.get(order.client_id)
