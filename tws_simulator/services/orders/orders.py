"""Orders as clients ask for them: placed, changed, cancelled, listed."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.order import Order, OrderState
from tws_simulator.instruments.universe import Universe
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.resolve import Refused
from tws_simulator.services.orders.exchange import Exchange
from tws_simulator.services.orders.order_checks import read_order, rejected
from tws_simulator.services.orders.order_notifications import (
    TWS_CLIENT,
    TWS_ORDER,
    OrderNotifications,
)
from tws_simulator.services.orders.order_register import OrderRegister, Working
from tws_simulator.services.orders.trades import Trades
from tws_simulator.services.orders.what_if import WhatIf
from tws_simulator.wire.fill_replies import completed_order
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.order_replies import open_order, order_status
from tws_simulator.wire.order_requests import PlaceOrder
from tws_simulator.wire.system_replies import completed_orders_end, open_order_end

#: What a change of an order must leave as it was.
FIXED = ("contract", "legs", "action", "account", "order_type")
DUPLICATE = "Duplicate order id"
FILLED = "Cannot modify a filled order."
MISMATCH = "Order being modified does not match original order."
NOT_BINDING = "Only the default client (i.e. 0) can auto bind orders"


class Orders:
    """Take requests about orders; all times are unix seconds."""

    def __init__(
        self,
        universe: Universe,
        accounts: Accounts,
        register: OrderRegister,
        trades: Trades,
        notifications: OrderNotifications,
        exchange: Exchange,
        what_if: WhatIf,
    ) -> None:
        self._universe = universe
        self._accounts = accounts
        self._register = register
        self._trades = trades
        self._notifications = notifications
        self._exchange = exchange
        self._what_if = what_if
        #: Reasons for which the next orders are rejected.
        self.rejections: deque[str] = deque()

    def place(self, client: Client, request: PlaceOrder, now: float) -> None:
        """Place an order, or change the one that has its id; raises Refused."""
        key = (client.client_id, request.order_id)
        known = self._register.get(key)
        if known is not None and not request.what_if:
            self._change(known, request, now)
            return
        if request.order_id < self._register.next_id(client.client_id) and not request.what_if:
            last = self._register.last_state(key)
            if last is not None and last.status == "Filled":
                raise Refused(ErrorCode.MODIFY_FILLED, FILLED)
            raise Refused(ErrorCode.DUPLICATE_ORDER_ID, DUPLICATE)
        order = self._read(client, request)
        state = OrderState(order=order, status="PreSubmitted", placed_at=now)
        if order.what_if:
            client.send(open_order(client.version, self._what_if.answer(state, now)))
            return
        if self.rejections:
            raise Refused(ErrorCode.ORDER_REJECTED, rejected(self.rejections.popleft()))
        working = Working(state, sent=False)
        self._register.add(working)
        if order.transmit:
            self._transmit(working, now)

    def cancel(self, client: Client, order_id: int, now: float) -> None:
        """Cancel an order of a client."""
        key = (client.client_id, order_id)
        working = self._register.get(key)
        state = working.state if working is not None else self._register.last_state(key)
        what = f"OrderId {order_id} that needs to be cancelled"
        if state is None:
            client.error(order_id, ErrorCode.ORDER_NOT_FOUND, f"{what} is not found.", now)
        elif working is None or state.status == "PendingCancel":
            text = f"{what} can not be cancelled, state: {state.status}."
            client.error(order_id, ErrorCode.CANNOT_BE_CANCELLED, text, now)
        else:
            self._recall(working, now)

    def cancel_all(self, now: float) -> None:
        """Cancel the orders of all clients."""
        for working in self._register.live():
            if not working.is_done and working.state.status != "PendingCancel":
                self._recall(working, now)

    def list_open(self, client: Client, *, everybodys: bool) -> None:
        """Send the open orders of a client, or of all clients, then their end."""
        for working in self._register.live():
            if working.sent and (everybodys or working.key[0] == client.client_id):
                version = client.version
                client.send(open_order(version, working.state))
                client.send(order_status(version, working.state))
        client.send(open_order_end())

    def list_completed(self, client: Client, now: float, *, api_only: bool) -> None:
        """Send the orders that were done today, then their end."""
        for state in self._register.done(now):
            if not (api_only and state.order.order_id == TWS_ORDER):
                client.send(completed_order(client.version, state))
        client.send(completed_orders_end())

    def bind(self, client: Client, *, wanted: bool) -> None:
        """Send client 0 orders made by hand from now on; raises Refused for another."""
        if client.client_id != TWS_CLIENT:
            raise Refused(ErrorCode.VALIDATING, NOT_BINDING)
        self._notifications.binds = wanted

    def _read(self, client: Client, request: PlaceOrder) -> Order:
        perm_id = self._trades.new_perm_id()
        order = read_order(request, client.client_id, perm_id, self._universe, self._accounts)
        if not order.parent_id:
            return order
        key = (client.client_id, order.parent_id)
        parent = self._register.get(key)
        state = parent.state if parent is not None else self._register.last_state(key)
        if state is None or state.status not in ("PreSubmitted", "Submitted", "Filled"):
            text = f"Can't find order with id ={order.parent_id}"
            raise Refused(ErrorCode.PARENT_NOT_FOUND, text)
        return replace(order, parent_perm_id=state.order.perm_id)

    def _transmit(self, working: Working, now: float) -> None:
        """Send an order, and before it what it belongs to that was not sent."""
        client_id = working.key[0]
        parent_id = working.state.order.parent_id
        family = [working]
        if parent_id:
            parent = self._register.get((client_id, parent_id))
            siblings = self._register.children((client_id, parent_id))
            family = [*([parent] if parent is not None else []), *siblings]
        for member in family:
            if not member.sent:
                self._exchange.send(member, now)

    def _change(self, working: Working, request: PlaceOrder, now: float) -> None:
        before = working.state
        order = read_order(
            request, before.order.client_id, before.order.perm_id, self._universe, self._accounts
        )
        if any(getattr(order, name) != getattr(before.order, name) for name in FIXED):
            raise Refused(ErrorCode.MODIFY_MISMATCH, MISMATCH)
        if before.status == "PendingCancel" or order.quantity <= before.filled:
            raise Refused(ErrorCode.MODIFY_FILLED, FILLED)
        kept = replace(
            order,
            parent_id=before.order.parent_id,
            parent_perm_id=before.order.parent_perm_id,
        )
        working.state = replace(before, order=kept)
        if working.sent:
            self._exchange.send(working, now)
        elif order.transmit:
            self._transmit(working, now)

    def _recall(self, working: Working, now: float) -> None:
        if working.sent:
            self._exchange.recall(working, now)
        else:
            self._exchange.end(working, now)
