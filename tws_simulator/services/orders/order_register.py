"""All orders: those that live, those that were done today, and which ids are free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from tws_simulator.book.order import OrderState
from tws_simulator.book.order_states import DONE
from tws_simulator.market.market import NEW_YORK
from tws_simulator.services.orders.trades import Trade

#: An order belongs to a client, and has an id of that client's choice.
OrderKey: TypeAlias = tuple[int, int]
#: Stands for a combination as a whole among contract ids.
SUM = 0
#: First order id of a client that never placed an order.
FIRST_ORDER_ID = 1


@dataclass(slots=True)
class Working:
    """One order and what the exchange keeps of it.

    `sent` tells whether it was transmitted; `day` is the opening time of the session it was first
    worked in; `traded` holds quantity and price times quantity by contract id, and by SUM those of
    a whole combination.
    """

    state: OrderState
    sent: bool
    triggered: bool = False
    day: float | None = None
    cancel_at: float | None = None
    traded: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)

    @property
    def key(self) -> OrderKey:
        """Return the account that owns it, and its id."""
        return self.state.order.client_id, self.state.order.order_id

    @property
    def is_done(self) -> bool:
        """Return whether nothing more happens to it."""
        return self.state.status in DONE

    def take(self, trades: Sequence[Trade]) -> None:
        """Add a fill; of several trades the first is the sum of the others."""
        for trade in trades:
            key = SUM if trade.is_combo else trade.contract.con_id
            filled, paid = self.traded.get(key, (Decimal(0), Decimal(0)))
            worth = trade.price * trade.quantity
            self.traded[key] = (filled + trade.quantity, paid + worth)
        whole = trades[0]
        filled, paid = self.traded[SUM if whole.is_combo else whole.contract.con_id]
        cost = float(sum(trade.commission for trade in trades))
        self.state = replace(
            self.state,
            filled=filled,
            avg_fill_price=float(paid / filled),
            last_fill_price=float(whole.price),
            commission=(self.state.commission or 0.0) + cost,
        )


class OrderRegister:
    """Keep orders by client and id, in the order they came."""

    def __init__(self) -> None:
        self._live: dict[OrderKey, Working] = {}
        self._done: list[OrderState] = []
        self._last_states: dict[OrderKey, OrderState] = {}
        self._used: dict[int, int] = {}

    def next_id(self, client_id: int) -> int:
        """Return the first id that a client has not used."""
        return self._used.get(client_id, FIRST_ORDER_ID - 1) + 1

    def add(self, working: Working) -> None:
        """Take in a new order; its id is used from now on."""
        client_id, order_id = working.key
        self._live[working.key] = working
        self._used[client_id] = max(order_id, self._used.get(client_id, 0))

    def get(self, key: OrderKey) -> Working | None:
        """Return a live order."""
        return self._live.get(key)

    def last_state(self, key: OrderKey) -> OrderState | None:
        """Return how an order of today that is done ended."""
        return self._last_states.get(key)

    def live(self) -> Iterable[Working]:
        """Return the live orders, the oldest first."""
        return tuple(self._live.values())

    def children(self, key: OrderKey) -> Iterator[Working]:
        """Return the live orders that wait for, or belong to, a parent."""
        client_id, order_id = key
        for working in self.live():
            order = working.state.order
            if order.client_id == client_id and order.parent_id == order_id:
                yield working

    def finish(self, state: OrderState) -> None:
        """Note an order that is done."""
        key = (state.order.client_id, state.order.order_id)
        self._live.pop(key, None)
        self._done.append(state)
        self._last_states[key] = state

    def done(self, now: float) -> Iterator[OrderState]:
        """Return the orders that were done since midnight in New York, the oldest first."""
        day = _day(now)
        self._done = [s for s in self._done if _day(s.done_at or 0.0) == day]
        yield from self._done


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at, NEW_YORK):%Y%m%d}"
