"""Account updates: values and portfolio of one account at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.position import Position
from tws_simulator.book.valuation import Valuer, worth
from tws_simulator.market.market import Market
from tws_simulator.services.accounts.readiness import GIVEN, SILENT, Readiness
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.scheduler import Entry, Scheduler
from tws_simulator.services.market_data.line_costs import LineCosts
from tws_simulator.wire.account_replies import (
    account_download_end,
    account_time,
    account_value,
    portfolio_value,
)
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.requests import AccountUpdatesRequest
from tws_simulator.wire.system_replies import NO_ID

#: TWS repeats the values this often, seconds (IB documentation: every three minutes).
REPEAT_S = 180.0


@dataclass(slots=True)
class _Subscription:
    client: Client
    account: str
    repeat: Entry | None = None


class AccountUpdates:
    """Send an account's values and portfolio, then what changes."""

    def __init__(
        self,
        accounts: Accounts,
        market: Market,
        valuer: Valuer,
        scheduler: Scheduler,
        readiness: Readiness,
        costs: LineCosts,
    ) -> None:
        self._accounts = accounts
        self._costs = costs
        self._readiness = readiness
        self._market = market
        self._valuer = valuer
        self._scheduler = scheduler
        self._subscriptions: dict[int, _Subscription] = {}
        accounts.listen(self._on_change)

    def request(self, client: Client, request: AccountUpdatesRequest, now: float) -> None:
        """Subscribe or unsubscribe; a second account takes the place of the first."""
        names = self._accounts.names
        account = request.account or names[0]
        if account not in names:
            client.refuse(NO_ID, ErrorCode.VALIDATING, "Invalid account code", now)
            return
        before = self._subscriptions.get(client.client_id)
        self.leave(client)
        if not request.subscribe:
            return
        if before is not None and before.account != account:
            client.notice(
                ErrorCode.ACCOUNT_OVERRIDDEN,
                "API client has been unsubscribed from account data.",
                now,
            )
        subscription = self._subscriptions[client.client_id] = _Subscription(client, account)
        self._costs.updates_began(client.client_id)
        self._send_all(subscription, now)
        if self._readiness.updates(client, account, now) != SILENT:
            client.send(account_download_end(account))

    def leave(self, client: Client) -> None:
        """Send nothing more to a client."""
        subscription = self._subscriptions.pop(client.client_id, None)
        self._costs.updates_ended(client.client_id)
        if subscription is not None and subscription.repeat is not None:
            subscription.repeat.call_off()

    def _send_all(self, subscription: _Subscription, now: float) -> None:
        client, account = subscription.client, subscription.account
        state = self._readiness.updates(client, account, now)
        if state == GIVEN:
            for key, value, currency in self._valuer.values(account, now):
                client.send(account_value(key, value, currency, account))
            for held, valued in self._valuer.portfolio(account, now):
                client.send(portfolio_value(held, valued))
        elif state != SILENT:
            # IB's documentation: values are stale, or none, while the account is not ready.
            client.send(account_value("AccountReady", "false", "", account))
        if state != SILENT:
            client.send(_clock(now))
        subscription.repeat = self._scheduler.at(
            now + REPEAT_S, lambda at: self._send_all(subscription, at)
        )

    def _on_change(self, changed: Position, now: float) -> None:
        for subscription in self._subscriptions.values():
            client, account = subscription.client, subscription.account
            if account != changed.account:
                continue
            if self._readiness.updates(client, account, now) == GIVEN:
                valued = worth(self._market, changed, now)
                client.send(portfolio_value(changed, valued), _clock(now))


def _clock(now: float) -> bytes:
    return account_time(f"{datetime.fromtimestamp(now, UTC):%H:%M}")
