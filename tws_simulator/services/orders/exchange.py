"""The exchange: looks at all live orders, fills what can be filled, ends what is over.

A market order takes the other side; a limit order does so when its limit allows, and waits
otherwise; a stop waits for a trade at its price first. What is shown can be taken at each look.
Children wait for their parent; of orders that cancel each other one is left. Nothing is planned
while no order lives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from tws_simulator.book.order import OrderStatus
from tws_simulator.book.order_states import moved
from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.market import Market
from tws_simulator.services.common.scheduler import Entry, Scheduler
from tws_simulator.services.market_data.outages import Outages
from tws_simulator.services.market_data.view import Halts
from tws_simulator.services.orders.matching import (
    STOPPED,
    Taken,
    TakenLeg,
    combined,
    to_take,
    triggered,
    within,
)
from tws_simulator.services.orders.order_notifications import OrderNotifications
from tws_simulator.services.orders.order_register import OrderRegister, Working
from tws_simulator.services.orders.order_trades import contracts_of, trades_of
from tws_simulator.services.orders.trades import Trades

#: An order or a cancel needs this long to get to the exchange and back, seconds.
WAY_S = 0.02
#: Orders that rest are looked at this often, seconds: quotes of stocks change no faster.
LOOK_S = 0.25
#: While the market is closed they are looked at this often, seconds.
CLOSED_LOOK_S = 1.0
#: Of these, what is not filled at once is cancelled.
AT_ONCE = frozenset(("IOC", "FOK"))
#: The group cancels what is left of the others (IB documentation, "one cancels all", type 1).
CANCELS_ALL = 1


class Exchange:
    """Work orders; all times are unix seconds."""

    def __init__(
        self,
        universe: Universe,
        market: Market,
        halts: Halts,
        outages: Outages,
        scheduler: Scheduler,
        register: OrderRegister,
        trades: Trades,
        notifications: OrderNotifications,
    ) -> None:
        self._universe = universe
        self._market = market
        self._halts = halts
        self._outages = outages
        self._scheduler = scheduler
        self._register = register
        self._trades = trades
        self._notifications = notifications
        self._next: Entry | None = None

    def send(self, working: Working, now: float) -> None:
        """Send an order."""
        working.sent = True
        self._notifications.order(working.state)
        self._look_at(now + WAY_S)

    def recall(self, working: Working, now: float) -> None:
        """Send a cancel."""
        self._move(working, "PendingCancel", now)
        self._notifications.status(working.state)
        working.cancel_at = now + WAY_S
        self._look_at(now + WAY_S)

    def end(self, working: Working, now: float, reason: str = "") -> None:
        """Cancel an order, and what waits for it."""
        self._move(working, "Cancelled", now, reason)
        self._register.finish(working.state)
        self._notifications.cancelled(working.state, now)
        for child in self._register.children(working.key):
            if not child.is_done:
                self.end(child, now, reason)

    def cancel_symbol(self, symbol: str, reason: str, now: float) -> None:
        """Cancel all orders in a symbol: its contracts have become others."""
        for working in self._register.live():
            concerned = any(c.symbol == symbol for c in contracts_of(working))
            if concerned and not working.is_done:
                self.end(working, now, reason)

    def _look_at(self, due: float) -> None:
        if self._next is not None and self._next.action is not None:
            if self._next.due <= due:
                return
            self._next.call_off()
        self._next = self._scheduler.at(due, self._look)

    def _look(self, now: float) -> None:
        self._next = None
        for working in self._register.live():
            # What came before in the list may have ended this one.
            if not working.is_done and working.sent:
                self._work(working, now)
        pending = [w for w in self._register.live() if w.sent]
        if pending:
            soon = min((w.cancel_at for w in pending if w.cancel_at is not None), default=None)
            due = now + (LOOK_S if self._market.calendar.is_open(now) else CLOSED_LOOK_S)
            self._look_at(due if soon is None or soon <= now else min(due, soon))

    def _work(self, working: Working, now: float) -> None:
        order = working.state.order
        if any(self._universe.get(c.con_id) is None for c in contracts_of(working)):
            self.end(working, now, "The contract is not available for trading")
            return
        if not self._outages.linked:
            return
        if working.cancel_at is not None:
            if now >= working.cancel_at:
                self.end(working, now)
            return
        if self._waits_for_parent(working):
            return
        calendar = self._market.calendar
        is_open = calendar.is_open(now)
        opened_at = calendar.day(now).opened_at
        over = working.day is not None and (not is_open or working.day != opened_at)
        if over and order.tif != "GTC":
            self.end(working, now)
            return
        if not is_open:
            if working.state.status == "Submitted":
                self._move(working, "PreSubmitted", now)
                self._notifications.order(working.state)
            return
        working.day = opened_at
        if all(self._trades_now(c, now) for c in contracts_of(working)):
            self._match(working, now)

    def _waits_for_parent(self, working: Working) -> bool:
        order = working.state.order
        return bool(order.parent_id) and (
            self._register.get((order.client_id, order.parent_id)) is not None
        )

    def _trades_now(self, contract: Contract, now: float) -> bool:
        over = bool(contract.expiry) and now >= self._market.last_trade_at(contract)
        return not over and self._halts.since(contract.con_id) is None

    def _match(self, working: Working, now: float) -> None:
        order = working.state.order
        quotes = [self._market.quote(c, now) for c in contracts_of(working)]
        if order.order_type in STOPPED and not working.triggered:
            assert order.aux_price is not None
            if not triggered(order.action, order.aux_price, quotes[0]):
                return
            working.triggered = True
        if working.state.status == "PreSubmitted":
            self._move(working, "Submitted", now)
            self._notifications.order(working.state)
        taken: Taken | None
        if order.legs:
            found = combined(order.action, order.legs, quotes)
            taken, legs = found if found is not None else (None, ())
        else:
            taken, legs = to_take(order.action, quotes[0]), ()
        remaining = working.state.remaining
        if taken is not None and within(order.action, taken.price, order.limit_price):
            size = min(taken.size, remaining)
            if order.tif != "FOK" or size == remaining:
                self._fill(working, Taken(taken.price, size), legs, now)
        if order.tif in AT_ONCE and not working.is_done:
            self.end(working, now)

    def _fill(self, working: Working, taken: Taken, legs: tuple[TakenLeg, ...], now: float) -> None:
        trades = trades_of(working, taken, legs)
        executions = [self._trades.book(trade, now) for trade in trades]
        working.take(trades)
        if not working.state.remaining:
            self._move(working, "Filled", now)
            self._register.finish(working.state)
        self._notifications.executions(executions)
        self._notifications.order(working.state)
        self._notifications.commissions(executions)
        for trade in trades:
            if not trade.is_combo:
                self._trades.settle(trade, now)
        self._relieve(working, taken.size, now)

    def _relieve(self, working: Working, filled: Decimal, now: float) -> None:
        """Cancel or shrink what the group of a filled order no longer needs."""
        for other in self._group(working):
            order = other.state.order
            left = other.state.remaining - filled
            if working.state.order.oca_type == CANCELS_ALL or left <= 0:
                self.end(other, now)
            else:
                smaller = replace(order, quantity=order.quantity - filled)
                other.state = replace(other.state, order=smaller)
                self._notifications.order(other.state)

    def _group(self, working: Working) -> Iterator[Working]:
        """Return the live orders of the same group, and the other children of the same parent."""
        order = working.state.order
        for other in self._register.live():
            their = other.state.order
            grouped = order.oca_group and their.oca_group == order.oca_group
            siblings = order.parent_id and their.parent_id == order.parent_id
            same_client = their.client_id == order.client_id
            if (
                other is not working
                and not other.is_done
                and ((grouped and their.account == order.account) or (siblings and same_client))
            ):
                yield other

    def _move(self, working: Working, status: OrderStatus, now: float, reason: str = "") -> None:
        working.state = moved(working.state, status, now, reason)
