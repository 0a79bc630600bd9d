"""Positions by account: how TWS tells them where there are too many accounts, or models.

Rules:
* One request for each account makes an answer together; it is complete when each has ended.
* The requests of the answer before stay open until then, so that no change is missed; a row that
  comes after the end of its own request is a change.
* An account whose part is refused, or does not come, fails the whole: it would seem empty.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence

from slotwise.errors import BrokerTimeoutError
from slotwise.position import Position, newest_by_key
from workers.gateway.ib.link import Link
from workers.gateway.ib.requests import AccountRequest

#: Accounts of a login whose positions one request tells (IB documentation).
MAX_ACCOUNTS = 50


class PositionsMulti:
    """Ask all accounts, again and again."""

    def __init__(self, link: Link, patience_s: float) -> None:
        self._link = link
        self._patience_s = patience_s
        #: Ids of the requests of the last complete answer.
        self._open: list[int] = []

    async def ask(self, accounts: Sequence[str]) -> tuple[Position, ...]:
        """Ask for every position of accounts; raises as `Broker.positions` does."""
        requests: dict[int, AccountRequest] = {}
        try:
            for account in accounts:
                await self._room()
                self._request(account, requests)
            await self._complete(requests)
        except BaseException:
            self._cancel(requests)
            for request in requests.values():
                if request.done.done() and not request.done.cancelled():
                    # Looked at, so that asyncio does not complain of one that nobody waited for.
                    request.done.exception()
            raise
        self._cancel(self._open)
        self._open = list(requests)
        return newest_by_key([row for request in requests.values() for row in request.rows])

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

    async def _complete(self, requests: dict[int, AccountRequest]) -> None:
        waiting = [request.done for request in requests.values()]
        while True:
            heard_at = max(request.heard_at for request in requests.values())
            done, pending = await asyncio.wait(waiting, timeout=self._patience_s)
            for one in done:
                one.result()
            if not pending:
                return
            if max(request.heard_at for request in requests.values()) == heard_at and (
                len(pending) == len(waiting)
            ):
                missing = [r.account for r in requests.values() if not r.done.done()]
                raise BrokerTimeoutError(
                    f"TWS did not finish its answer of positions: {len(missing)} of "
                    f"{len(requests)} accounts are missing"
                )
            waiting = list(pending)

    def _cancel(self, req_ids: Iterable[int]) -> None:
        for req_id in list(req_ids):
            if self._link.forget(req_id) and self._link.up:
                self._link.client.cancelPositionsMulti(req_id)
