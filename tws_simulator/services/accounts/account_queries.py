"""Accounts by request id: values and summary."""

from __future__ import annotations

from collections.abc import Iterator

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.valuation import LEDGER_KEYS, TOTALS, Valuer
from tws_simulator.services.accounts.readiness import ABSENT, ZERO, Readiness
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.resolve import Refused
from tws_simulator.wire.account_replies import (
    account_summary,
    account_summary_end,
    account_update_multi,
    account_update_multi_end,
)
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.requests import AccountRequest, AccountSummaryRequest

#: Names the values of every currency, with its exchange rate (IB documentation).
LEDGER = "$LEDGER:ALL"
#: Account summaries a client may have at once (IB documentation).
MAX_SUMMARIES = 2
TOO_MANY_SUMMARIES = (
    "Maximum number of account summary requests exceeded; desubscribe to previous request first"
)


class AccountQueries:
    """Answer requests about accounts; of subscriptions only the count of summaries is kept."""

    def __init__(self, accounts: Accounts, valuer: Valuer, readiness: Readiness) -> None:
        self._accounts = accounts
        self._readiness = readiness
        self._valuer = valuer
        self._summaries: dict[int, set[int]] = {}

    def updates(self, client: Client, request: AccountRequest, now: float) -> None:
        """Send the values of an account, or of all."""
        for account in self._accounts_of(request.account):
            for key, value, currency in self._valuer.values(account, now):
                client.send(
                    account_update_multi(
                        request.req_id, account, request.model, key, value, currency
                    )
                )
        client.send(account_update_multi_end(request.req_id))

    def summary(self, client: Client, request: AccountSummaryRequest, now: float) -> None:
        """Send the tags that were asked for, of all accounts."""
        open_ids = self._summaries.setdefault(client.client_id, set())
        if len(open_ids | {request.req_id}) > MAX_SUMMARIES:
            raise Refused(ErrorCode.PROCESSING, TOO_MANY_SUMMARIES)
        open_ids.add(request.req_id)
        tags = {tag.strip() for tag in request.tags.split(",")}
        for account in self._accounts.names:
            state = self._readiness.values(client, account, now)
            if state == ABSENT:
                continue
            for key, value, currency in self._valuer.values(account, now):
                if key in tags or "All" in tags or (LEDGER in tags and key in LEDGER_KEYS):
                    shown = "0.00" if state == ZERO and key in TOTALS else value
                    client.send(account_summary(request.req_id, account, key, shown, currency))
        client.send(account_summary_end(request.req_id))

    def cancel_summary(self, client: Client, req_id: int) -> None:
        """Drop a summary."""
        self._summaries.get(client.client_id, set()).discard(req_id)

    def leave(self, client: Client) -> None:
        """Drop a client's summaries."""
        self._summaries.pop(client.client_id, None)

    def _accounts_of(self, account: str) -> Iterator[str]:
        if account in ("", "All"):
            yield from self._accounts.names
        elif account in self._accounts.names:
            yield account
        else:
            raise Refused(ErrorCode.VALIDATING, "Invalid account code")
