"""One connection to TWS, from handshake to its end; a new one is made for each try."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ib_async.contract import Contract as IbContract

from slotwise.account import know_accounts
from slotwise.errors import BrokerError, BrokerTimeoutError, BrokerUnreachableError
from slotwise.numbering import Numbering
from workers.gateway.broker import BrokerListener
from workers.gateway.ib import account_holdings
from workers.gateway.ib.account_holdings import AccountHoldings
from workers.gateway.ib.account_profits import PROFIT, AccountProfits
from workers.gateway.ib.client import OurClient
from workers.gateway.ib.details import BOND_DETAILS, CONTRACT_DETAILS
from workers.gateway.ib.executions import COMMISSION, EXECUTION, Commissions
from workers.gateway.ib.greeting import Greeting
from workers.gateway.ib.replies import ACCOUNT_POSITION, HEARD, POSITION, Replies
from workers.gateway.ib.requests import LineRequest, Mark, Request, SnapshotRequest
from workers.gateway.ib.reroutes import Route
from workers.gateway.ib.tick_replies import PRICE, SIZE
from workers.gateway.ib.timeouts import Timeouts
from workers.gateway.ib.translate import ContractReader
from workers.gateway.message_budget import MessageBudget
from workers.gateway.wire_log import Tap

#: Message id of the accounts of the login.
MANAGED_ACCOUNTS = 15
#: Look this often whether the answer to a ping has come, seconds.
PING_STEP_S = 0.05
#: One look counts as no more of the wait than this, seconds: where our own loop was held up for
#: longer, the machine is overloaded, and a TWS on it is slow rather than gone.
PING_COUNTED_S = 2 * PING_STEP_S
#: Bytes decoded in one go: 430 positions, some 5 ms in which nothing else runs. asyncio reads
#: up to four times as much.
READ_SIZE = 64 * 1024


def _ignore(_: list[str]) -> None:
    """Skip the decoding of a message."""


def _nothing() -> None:
    """Reset the silence timer."""


class Link:
    """Hold one socket, its requests and their ids."""

    def __init__(
        self,
        address: tuple[str, int],
        client_id: int,
        listener: BrokerListener,
        timeouts: Timeouts,
        messages: MessageBudget,
        *,
        numbering: Numbering | None = None,
        on_moved: Callable[[int | None], None] = lambda port: None,
        tap: Tap | None = None,
    ) -> None:
        self._host, self._port = address
        self._client_id = client_id
        self.greeting = Greeting(self._host, self._port, client_id)
        self._listener = listener
        self._timeouts = timeouts
        self.messages = messages
        self._up = False
        self._closed = asyncio.Event()
        self.replies = Replies(
            listener, ContractReader(), self._cancel_market_data, self._ask_elsewhere, numbering
        )
        self.replies.errors.on_moved = on_moved
        self.replies.errors.ask_again = self._ask_again
        # Any: ib_async's client is not annotated.
        self.client: Any = OurClient(self.replies, messages, self.greeting, tap)
        self._tap = tap
        self.replies.positions.accounts = lambda: self.greeting.accounts or ()
        self.account_holdings = AccountHoldings(self.client.reqAccountUpdates, self.check)
        self.account_profits = AccountProfits(
            self.replies.requests,
            self.start,
            self.forget,
            self.client.reqPnL,
            self.client.cancelPnL,
        )
        self.commissions = Commissions()
        handlers = self.client.decoder.handlers
        heard = {kind: handlers[kind] for kind in HEARD}
        heard |= {
            PRICE: self.replies.ticks.price,
            SIZE: self.replies.ticks.size,
            POSITION: self._position,
            ACCOUNT_POSITION: self._account_position,
            EXECUTION: self.replies.execution,
            COMMISSION: self.commissions.take,
            MANAGED_ACCOUNTS: self._on_managed_accounts,
            PROFIT: self.account_profits.take,
            account_holdings.VALUE: self.account_holdings.value,
            account_holdings.HOLDING: self.account_holdings.holding,
            account_holdings.DOWNLOAD_END: self.account_holdings.ended,
            CONTRACT_DETAILS: self._details,
            BOND_DETAILS: self._details,
        }
        self.client.decoder.handlers = defaultdict(lambda: _ignore, heard)
        self.client.heard = {b"%d" % kind: read for kind, read in heard.items()}
        self.client.conn.disconnected += self._on_socket_closed

    @property
    def up(self) -> bool:
        """Return whether requests can be sent."""
        return self._up

    async def open(self, timeout_s: float) -> None:
        """Connect and wait for the handshake; raises BrokerUnreachableError."""
        greeting = self.greeting
        connecting = asyncio.create_task(
            self.client.connectAsync(self._host, self._port, self._client_id, timeout_s)
        )
        closed = asyncio.create_task(self._closed.wait())
        hopeless = asyncio.create_task(greeting.is_hopeless.wait())
        tasks = (connecting, closed, hopeless)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not connecting.done():
                raise self._closed_error() if closed.done() else greeting.why_unfinished()
            await connecting
        except TimeoutError as error:
            if self.client.conn.transport is None and not self.client.conn.numBytesSent:
                raise greeting.why_unreachable(OSError(0, "no answer")) from error
            raise greeting.why_unfinished() from error
        except OSError as error:
            raise greeting.why_unreachable(error) from error
        finally:
            for task in tasks:
                task.cancel()
            # Not by awaiting each: a cancellation of this task would look like one of theirs.
            await asyncio.gather(*tasks, return_exceptions=True)
        if self._closed.is_set():
            raise self._closed_error()
        transport = self.client.conn.transport
        if transport is not None and hasattr(transport, "max_size"):
            transport.max_size = READ_SIZE
        self._up = True

    async def close(self) -> None:
        """Close the socket and wait until it is gone."""
        self._up = False
        transport = self.client.conn.transport
        if transport is None:
            return
        with contextlib.suppress(OSError, RuntimeError):
            self.client.disconnect()
        try:
            async with asyncio.timeout(self._timeouts.close_s):
                await self._closed.wait()
        except TimeoutError:
            transport.abort()
        self._fail_all(BrokerError("the connection to TWS was closed"))

    async def ping(self) -> None:
        """Return once the peer has answered; raises BrokerTimeoutError."""
        self.check()
        asked_at = looked_at = time.monotonic()
        waited_s = 0.0
        self.mark(_nothing)
        while self.replies.heard_at <= asked_at:
            if waited_s > self._timeouts.ping_s:
                raise BrokerTimeoutError(f"TWS said nothing for {looked_at - asked_at:.3g} s")
            await asyncio.sleep(PING_STEP_S)
            self.check()
            now = time.monotonic()
            waited_s += min(now - looked_at, PING_COUNTED_S)
            looked_at = now

    def mark(self, on_read: Callable[[], None]) -> None:
        """Ask for the time; TWS answers when it has read all that was sent before."""
        self.check()
        now, marks = time.monotonic(), self.replies.marks
        # One whose answer was lost would be answered by the next, and so on.
        while marks and now - marks[0].at > self._timeouts.ping_s:
            marks.popleft()
        marks.append(Mark(now, on_read))
        self.client.reqCurrentTime()

    def check(self) -> None:
        """Raise BrokerError unless requests can be sent."""
        if not self._up:
            raise BrokerError("there is no connection to TWS")

    def start(self, request: Request) -> int:
        """Register a request, and return its new id."""
        self.check()
        req_id: int = self.client.getReqId()
        self.replies.requests[req_id] = request
        return req_id

    def ask_quotes(self, request: LineRequest | SnapshotRequest, contract: IbContract) -> None:
        """Ask for market data under a new id."""
        request.req_id, request.asked_of = self.start(request), contract
        request.asked_at = time.monotonic()
        is_snapshot = type(request) is SnapshotRequest
        self.client.reqMktData(request.req_id, contract, "", is_snapshot, False, [])

    def has(self, request: LineRequest | SnapshotRequest) -> bool:
        """Return True while a request is under way."""
        return self.replies.requests.get(request.req_id) is request

    def forget(self, req_id: int) -> bool:
        """Drop a request with all it has collected; False when it had ended."""
        return self.replies.requests.pop(req_id, None) is not None

    def _position(self, fields: list[str]) -> None:
        """Read a position row; one that cannot be read is reported, not dropped."""
        try:
            self.replies.positions.row(fields)
        except (ValueError, TypeError, ArithmeticError) as error:
            self.replies.positions.unreadable_row(fields, error)

    def _details(self, fields: list[str]) -> None:
        self.replies.details_row(fields, self.client.serverVersion())

    def _account_position(self, fields: list[str]) -> None:
        """Read a position row of an account, as `_position` does."""
        try:
            self.replies.positions.account_row(fields)
        except (ValueError, TypeError, ArithmeticError) as error:
            self.replies.positions.unreadable_account_row(fields, error)

    def _ask_elsewhere(self, request: LineRequest | SnapshotRequest, route: Route) -> None:
        if self._up:
            self.ask_quotes(request, route.request())

    def _ask_again(self, request: LineRequest) -> None:
        if self._up and request.asked_of is not None:
            self.ask_quotes(request, request.asked_of)

    def _fail_all(self, error: BrokerError) -> None:
        self.replies.fail_all(error)
        self.account_holdings.fail(error)

    def _cancel_market_data(self, req_id: int) -> None:
        if self._up:
            self.client.cancelMktData(req_id)

    def _on_managed_accounts(self, fields: list[str]) -> None:
        """Take the accounts of the login; TWS may name them again later."""
        accounts = [account for account in fields[2].split(",") if account]
        know_accounts(accounts)
        self.greeting.named(accounts)
        if accounts:
            # During the greeting ib_async has taken them already.
            self.client._accounts = accounts

    def _closed_error(self) -> BrokerUnreachableError:
        errors = self.replies.errors
        return self.greeting.why_closed(errors.close_reason, errors.last_words)

    def _on_socket_closed(self, message: str) -> None:
        was_up, self._up = self._up, False
        if self._tap is not None:
            self._tap.closed()
        self._closed.set()
        reason = message or "TWS closed the connection"
        if self.client.is_broken:
            reason = "bytes that are no messages of TWS came over the connection"
        if words := self.replies.errors.last_words:
            reason = f"{reason} after {words}"
        self._fail_all(BrokerError(reason))
        if was_up:
            self._listener.on_disconnected(reason)
