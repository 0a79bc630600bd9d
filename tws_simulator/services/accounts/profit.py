"""Profit and loss, about once a second when it changed.

The day's profit of an account is what its holdings have gained since the previous close, and what
was realized; of what was opened today as well, which TWS counts from its price.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.position import UNSET, Position
from tws_simulator.book.valuation import Valuation, Valuer, worth
from tws_simulator.market.market import Market
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.resolve import Refused
from tws_simulator.services.common.scheduler import Entry, Scheduler
from tws_simulator.services.market_data.line_costs import LineCosts
from tws_simulator.wire.account_replies import pnl, pnl_single
from tws_simulator.wire.fields import quantity_text
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.requests import AccountRequest

#: A position's profit is sent at most this often, an account's this often, seconds.
SINGLE_S = 1.0
ACCOUNT_S = 10.0


def _sum(unrealized: float, realized: Decimal | None) -> float:
    """Return a day's profit; TWS's "no value" where the average cost is not known."""
    return UNSET if unrealized == UNSET else round(unrealized + float(realized or 0), 2)


@dataclass(slots=True)
class _Subscription:
    client: Client
    encode: Callable[[float], bytes]
    interval_s: float
    sent: bytes = b""
    next: Entry | None = None


class Profit:
    """Keep subscriptions to profit and loss."""

    def __init__(
        self,
        accounts: Accounts,
        market: Market,
        valuer: Valuer,
        scheduler: Scheduler,
        costs: LineCosts,
    ) -> None:
        self._costs = costs
        self._accounts = accounts
        self._market = market
        self._valuer = valuer
        self._scheduler = scheduler
        self._subscriptions: dict[tuple[int, int], _Subscription] = {}

    def account(self, client: Client, request: AccountRequest, now: float) -> None:
        """Subscribe to an account's profit."""
        self._check(request)

        def encode(at: float) -> bytes:
            valued = self._valuer.portfolio(request.account, at)
            unrealized = sum(
                float(self._accounts.rates.rate(held.contract.currency)) * valuation.unrealized
                for held, valuation in valued
                if valuation.unrealized != UNSET
            )
            realized = float(self._accounts.realized(request.account))
            gained = sum(self._since_close(held, valued, at) for held, valued in valued)
            daily = round(gained + realized, 2)
            return pnl(request.req_id, daily, round(unrealized, 2), round(realized, 2))

        self._start(client, request.req_id, encode, ACCOUNT_S, now)

    def single(self, client: Client, request: AccountRequest, now: float) -> None:
        """Subscribe to a position's profit."""
        self._check(request)
        if self._accounts.position(request.account, request.con_id) is None:
            raise Refused(ErrorCode.VALIDATING, "Invalid contract id")

        def encode(at: float) -> bytes:
            held = self._accounts.position(request.account, request.con_id)
            gained = self._accounts.realized_of(request.account, request.con_id)
            if held is None:
                gain = 0.0 if gained is None else round(float(gained), 2)
                return pnl_single(request.req_id, "0", gain, 0.0, gain, 0.0)
            valued = worth(self._market, held, at)
            return pnl_single(
                request.req_id,
                quantity_text(held.quantity),
                _sum(valued.unrealized, gained),
                valued.unrealized,
                UNSET if gained is None else round(float(gained), 2),
                valued.value,
            )

        self._start(client, request.req_id, encode, SINGLE_S, now)
        self._costs.profit_began(client.client_id, request.req_id)

    def cancel(self, client: Client, req_id: int) -> None:
        """End a subscription; TWS sends nothing about one that does not exist."""
        subscription = self._subscriptions.pop((client.client_id, req_id), None)
        self._costs.profit_ended(client.client_id, req_id)
        if subscription is not None and subscription.next is not None:
            subscription.next.call_off()

    def leave(self, client: Client) -> None:
        """End all subscriptions of a client."""
        for client_id, req_id in list(self._subscriptions):
            if client_id == client.client_id:
                self.cancel(client, req_id)

    def _since_close(self, held: Position, valued: Valuation, now: float) -> float:
        """Return what a holding has gained since the previous close, in the base currency."""
        contract = held.contract
        closed = self._market.close(contract, now) * float(contract.money_per_point * held.quantity)
        return float(self._accounts.rates.rate(contract.currency)) * (valued.value - closed)

    def _check(self, request: AccountRequest) -> None:
        if request.account not in self._accounts.names:
            raise Refused(ErrorCode.VALIDATING, "Invalid account code")

    def _start(
        self,
        client: Client,
        req_id: int,
        encode: Callable[[float], bytes],
        interval_s: float,
        now: float,
    ) -> None:
        self.cancel(client, req_id)
        subscription = _Subscription(client, encode, interval_s)
        self._subscriptions[client.client_id, req_id] = subscription
        self._step(subscription, now)

    def _step(self, subscription: _Subscription, now: float) -> None:
        encoded = subscription.encode(now)
        if encoded != subscription.sent:
            subscription.sent = encoded
            subscription.client.send(encoded)
        subscription.next = self._scheduler.at(
            now + subscription.interval_s, lambda at: self._step(subscription, at)
        )
