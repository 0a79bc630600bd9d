"""One connection to TWS, from handshake to its end; a new one is made for each try."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, cast

import structlog
from ib_async.client import Client

from slotwise.errors import BrokerError, BrokerTimeoutError, BrokerUnreachableError
from workers.gateway.broker import BrokerListener
from workers.gateway.ib.executions import EXECUTION
from workers.gateway.ib.frames import Frames
from workers.gateway.ib.patience import Patience
from workers.gateway.ib.replies import ACCOUNT_POSITION, HEARD, POSITION, PRICE, Replies
from workers.gateway.ib.requests import Mark, Request
from workers.gateway.ib.translate import ContractReader
from workers.gateway.message_budget import MessageBudget

log = structlog.get_logger(__name__)

#: Look this often whether the answer to a ping has come, seconds.
PING_STEP_S = 0.05
#: Bytes decoded in one go: 430 positions, some 5 ms in which nothing else runs. asyncio reads
#: up to four times as much.
READ_SIZE = 64 * 1024

# ib_async says through its loggers what we say in one line of our own.
logging.getLogger("ib_async").setLevel(logging.CRITICAL)
# But a message it cannot decode is news.
logging.getLogger("ib_async.Decoder").setLevel(logging.ERROR)


def _ignore(_: list[str]) -> None:
    """Leave a message undecoded."""


def _nothing() -> None:
    """Be content that something was heard."""


class OurClient(Client):
    """ib_async's client, with our count of what is sent and our reading of what comes.

    A message to be sent is counted as it is handed over; ib_async may send it a moment later.
    The greeting is ib_async's. After it, messages nobody hears are not even decoded.
    """

    def __init__(self, replies: Replies, messages: MessageBudget) -> None:
        cast("Any", super()).__init__(replies)
        self._messages = messages
        self._replies = replies
        self._frames: Frames | None = None
        #: By message id, as it stands in the message.
        self.heard: dict[bytes, Callable[[list[str]], None]] = {}

    def sendMsg(self, msg: str) -> None:
        # ib_async calls this with nothing to go on with what waits.
        if msg:
            self._messages.spent(time.monotonic())
        cast("Any", super()).sendMsg(msg)

    def _onSocketHasData(self, data: bytes) -> None:
        greeted = cast("Any", self)
        if self._frames is None:
            cast("Any", super())._onSocketHasData(data)
            if greeted.isReady():
                self._frames = Frames(self.heard, greeted._data)
            return
        replies, heard = self._replies, self.heard
        replies.tcpDataArrived()
        for kind, message in self._frames.feed(data):
            fields = message.decode(errors="backslashreplace").split("\0")
            # Every field ends with a zero byte, so that the last is none.
            del fields[-1]
            try:
                heard[kind](fields)
            except Exception:
                # Whatever is odd about one message, the others are heard.
                log.exception("a message of TWS cannot be read", message=fields)
        replies.tcpDataProcessed()


class Link:
    """Hold one socket, its requests and their ids."""

    def __init__(
        self,
        address: tuple[str, int],
        client_id: int,
        listener: BrokerListener,
        patience: Patience,
        messages: MessageBudget,
    ) -> None:
        self._host, self._port = address
        self._client_id = client_id
        self._listener = listener
        self._patience = patience
        self.messages = messages
        self._up = False
        self._closed = asyncio.Event()
        self.replies = Replies(listener, ContractReader(), self._cancel_market_data)
        # Any: ib_async's client is not annotated.
        self.client: Any = OurClient(self.replies, messages)
        handlers = self.client.decoder.handlers
        self._read_account_position = handlers[ACCOUNT_POSITION]
        heard = {kind: handlers[kind] for kind in HEARD}
        heard |= {
            PRICE: self.replies.price_tick,
            POSITION: self._position,
            ACCOUNT_POSITION: self._account_position,
            EXECUTION: self.replies.execution,
        }
        self.client.decoder.handlers = defaultdict(lambda: _ignore, heard)
        self.client.heard = {b"%d" % kind: read for kind, read in heard.items()}
        self.client.conn.disconnected += self._on_socket_closed

    @property
    def up(self) -> bool:
        """Tell whether requests can be sent."""
        return self._up

    async def open(self, timeout_s: float) -> None:
        """Connect and wait for the handshake; raises BrokerUnreachableError."""
        connecting = asyncio.create_task(
            self.client.connectAsync(self._host, self._port, self._client_id, timeout_s)
        )
        closed = asyncio.create_task(self._closed.wait())
        try:
            await asyncio.wait((connecting, closed), return_when=asyncio.FIRST_COMPLETED)
            if not connecting.done():
                raise BrokerUnreachableError(self._why_closed())
            await connecting
        except TimeoutError as error:
            raise BrokerUnreachableError(self._why_silent()) from error
        except OSError as error:
            raise BrokerUnreachableError(self._why_unreachable(error)) from error
        finally:
            for task in (connecting, closed):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task
        if self._closed.is_set():
            raise BrokerUnreachableError(self._why_closed())
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
            async with asyncio.timeout(self._patience.close_s):
                await self._closed.wait()
        except TimeoutError:
            transport.abort()
        self.replies.fail_all(BrokerError("the connection to TWS was closed"))

    async def ping(self) -> None:
        """Return once the peer was heard; raises BrokerTimeoutError."""
        self.check()
        asked_at = time.monotonic()
        self.mark(_nothing)
        while self.replies.heard_at <= asked_at:
            if time.monotonic() - asked_at > self._patience.ping_s:
                raise BrokerTimeoutError(f"TWS said nothing for {self._patience.ping_s:g} s")
            await asyncio.sleep(PING_STEP_S)
            self.check()

    def mark(self, on_read: Callable[[], None]) -> None:
        """Ask for the time; TWS tells it when it has read all that was sent before."""
        self.check()
        now, marks = time.monotonic(), self.replies.marks
        # One whose answer was lost would be answered by the next, for ever.
        while marks and now - marks[0].at > self._patience.ping_s:
            marks.popleft()
        marks.append(Mark(now, on_read))
        self.client.reqCurrentTime()

    def check(self) -> None:
        """Raise BrokerError unless requests can be sent."""
        if not self._up:
            raise BrokerError("there is no connection to TWS")

    def start(self, request: Request) -> int:
        """Give a request its own id."""
        self.check()
        req_id: int = self.client.getReqId()
        self.replies.requests[req_id] = request
        return req_id

    def forget(self, req_id: int) -> bool:
        """Drop a request with all it has collected; False when it had ended."""
        return self.replies.requests.pop(req_id, None) is not None

    def _position(self, fields: list[str]) -> None:
        """Read a position row; one that cannot be read is told, not dropped."""
        try:
            self.replies.position_row(fields)
        except (ValueError, TypeError, ArithmeticError) as error:
            self.replies.unreadable_position(fields, error)

    def _account_position(self, fields: list[str]) -> None:
        """Decode a position row of an account, as `_position` does."""
        try:
            self._read_account_position(fields)
        except (ValueError, TypeError, ArithmeticError) as error:
            self.replies.unreadable_account_position(fields, error)

    def _cancel_market_data(self, req_id: int) -> None:
        if self._up:
            self.client.cancelMktData(req_id)

    def _on_socket_closed(self, message: str) -> None:
        was_up, self._up = self._up, False
        self._closed.set()
        reason = message or "TWS closed the connection"
        self.replies.fail_all(BrokerError(reason))
        if was_up:
            self._listener.on_disconnected(reason)

    @property
    def _where(self) -> str:
        return f"{self._host}:{self._port}"

    def _why_unreachable(self, error: OSError) -> str:
        reason = (
            "connection refused"
            if isinstance(error, ConnectionRefusedError)
            else error.strerror or str(error)
        )
        return (
            f"no TWS or IB Gateway answers at {self._where} ({reason}): start it, enable its API, "
            "or set SLOTWISE_IB_HOST and SLOTWISE_IB_PORT"
        )

    def _why_silent(self) -> str:
        if self.client.conn.transport is None and not self.client.conn.numBytesSent:
            return self._why_unreachable(OSError(0, "no answer"))
        return (
            f"something listens at {self._where} but does not greet as TWS does: is that the API "
            "port, and does TWS accept this machine?"
        )

    def _why_closed(self) -> str:
        if self.replies.parting_words:
            return (
                f"TWS at {self._where} refuses client id {self._client_id}: "
                f"{self.replies.parting_words} Set SLOTWISE_IB_CLIENT_ID to one that is free"
            )
        return (
            f"{self._where} closed the connection during the greeting: is it the API port of TWS, "
            "and is its API enabled?"
        )
