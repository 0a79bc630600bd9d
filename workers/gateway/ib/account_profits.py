"""AccountProfits: profits of accounts as IB reports them (requests 92 and 93, message 94).

TWS sends an account's profit when it has changed, for as long as it is subscribed to (IB's
documentation of `reqPnL`; no recording has it, so nothing here depends on how often it comes). So
one subscription is kept for each account that was asked for, and ends with the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import structlog

from slotwise.errors import BrokerTimeoutError
from slotwise.rules.profit_witness import AccountProfit
from workers.gateway.ib.requests import ProfitRequest, Request
from workers.gateway.ib.translate import decimal_if_any

log = structlog.get_logger(__name__)

#: Message id of an account's profit.
PROFIT = 94
#: Places of fields; the message has no version.
REQ_ID, DAILY, UNREALIZED, REALIZED = 1, 2, 3, 4


class AccountProfits:
    """Subscribe to accounts as they are asked for."""

    def __init__(
        self,
        requests: Mapping[int, Request],
        start: Callable[[ProfitRequest], int],
        forget: Callable[[int], bool],
        subscribe: Callable[[int, str, str], None],
        cancel: Callable[[int], None],
    ) -> None:
        self._requests, self._start, self._forget = requests, start, forget
        self._subscribe, self._cancel = subscribe, cancel
        #: Ids of subscriptions, by account.
        self._open: dict[str, int] = {}

    async def ask(self, account: str, timeout_s: float) -> AccountProfit:
        """Return the newest profit of an account, once there is one.

        Raises RequestRefusedError where TWS refuses it, and BrokerTimeoutError where none comes.
        """
        req_id = self._open.get(account, -1)
        request = self._requests.get(req_id)
        if not isinstance(request, ProfitRequest):
            request = ProfitRequest(account, asyncio.get_running_loop().create_future())
            req_id = self._open[account] = self._start(request)
            self._subscribe(req_id, account, "")
        await asyncio.wait((request.done,), timeout=timeout_s)
        if request.done.done():
            request.done.result()
        if request.newest is None:
            if self._forget(req_id):
                self._cancel(req_id)
            raise BrokerTimeoutError(f"TWS sent no profit of the account within {timeout_s:g} s")
        return request.newest

    def take(self, fields: Sequence[str]) -> None:
        """Take a profit; one that cannot be read is logged and left out."""
        try:
            request = self._requests.get(int(fields[REQ_ID]))
            if not isinstance(request, ProfitRequest):
                return
            request.newest = AccountProfit(
                account=request.account,
                daily=decimal_if_any(fields[DAILY]),
                unrealized=decimal_if_any(fields[UNREALIZED]),
                realized=decimal_if_any(fields[REALIZED]),
                at=datetime.now(UTC),
            )
        except (IndexError, ValueError) as error:
            log.warning("profit of an account cannot be read", error=repr(error))
            return
        if not request.done.done():
            request.done.set_result(None)
