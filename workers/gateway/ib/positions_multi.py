"""Positions by account: how TWS gives them where there are too many accounts, or models.

Rules:
* One request for each account makes an answer together.
* The request of an account's answer before stays open until the next one has ended, so that no
  change is missed; a row that comes after the end of its own request is a change.
* An account whose part is refused, or does not come, is remarked on: it would seem empty. The
  answer is of the others. Where every account's part is refused, the whole is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from slotwise.errors import BrokerError, BrokerTimeoutError
from slotwise.position import newest_by_key
from workers.gateway.ib.requests import AccountRequest
from workers.gateway.ib.tws_connection import Link
from workers.gateway.position_answer import PositionAnswer

#: Accounts of a login whose positions one request gives (IB documentation).
MAX_ACCOUNTS = 50


class PositionsMulti:
    """Ask all accounts, again and again."""

    def __init__(self, link: Link, timeout_s: float) -> None:
        self._link = link
        self._timeout_s = timeout_s
        #: Id of the request that was answered last, by account.
        self._open: dict[str, int] = {}

    async def ask(self, accounts: Sequence[str]) -> PositionAnswer:
        """Ask for every position of accounts; raises as `Broker.positions` does."""
        if not accounts:
            raise BrokerError("TWS names no account yet: it is not logged in")
        requests: dict[int, AccountRequest] = {}
        try:
            for account in accounts:
                await self._room()
                self._request(account, requests)
            await self._complete(requests)
            failed = self._reasons_of_failure(requests)
        except BaseException:
            for req_id, request in requests.items():
                self._cancel(req_id)
                if request.done.done() and not request.done.cancelled():
                    # Looked at, so that asyncio does not complain of one that nothing waited for.
                    request.done.exception()
            raise
        answered = [r for r in requests.values() if r.account not in failed]
        for req_id, request in requests.items():
            if request.account in failed:
                self._cancel(req_id)
            else:
                self._cancel(self._open.get(request.account))
                self._open[request.account] = req_id
        return PositionAnswer(
            newest_by_key([row for request in answered for row in request.rows]),
            sequence=self._link.replies.positions.numbering.next(),
            remarks=failed | {r.account: r.words for r in answered if r.words},
            unreadable=[(r.account, con_id) for r in answered for con_id in r.unreadable],
            lacks_named_only=[r.account for r in answered if r.unreadable and r.lacks_named_only],
        )

    def _request(self, account: str, requests: dict[int, AccountRequest]) -> None:
        request = AccountRequest(account, asyncio.get_running_loop().create_future())
        request.heard_at = time.monotonic()
        req_id = self._link.start(request)
        requests[req_id] = request
        self._link.client.reqPositionsMulti(req_id, account, "")

    async def _room(self) -> None:
        """Wait for a message that nothing more important needs."""
        now = time.monotonic()
        await asyncio.sleep(max(self._link.messages.quote_at(now) - now, 0.0))

    async def _complete(self, requests: Mapping[int, AccountRequest]) -> None:
        """Wait until each has ended, or none has made progress within the time limit."""
        waiting = [request.done for request in requests.values()]
        while waiting:
            heard_at = max(request.heard_at for request in requests.values())
            _, pending = await asyncio.wait(waiting, timeout=self._timeout_s)
            newest = max(request.heard_at for request in requests.values())
            if newest == heard_at and len(pending) == len(waiting):
                return
            waiting = list(pending)

    def _reasons_of_failure(self, requests: Mapping[int, AccountRequest]) -> dict[str, str]:
        """Return why accounts have no answer; raises where there is none at all."""
        errors: dict[str, BrokerError] = {}
        for request in requests.values():
            if not request.done.done():
                words = request.words or "TWS did not finish its answer of positions"
                errors[request.account] = BrokerTimeoutError(words)
            elif isinstance(error := request.done.exception(), BrokerError):
                errors[request.account] = error
        if errors and (len(errors) == len(requests) or not self._link.up):
            raise next(iter(errors.values()))
        return {account: str(error) for account, error in errors.items()}

    def _cancel(self, req_id: int | None) -> None:
        if req_id is not None and self._link.forget(req_id) and self._link.up:
            self._link.client.cancelPositionsMulti(req_id)
