"""OurClient: ib_async's client, with the count of what is sent and the reading of what comes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, cast

import structlog
from ib_async.client import Client

from workers.gateway.ib.frames import Frames
from workers.gateway.ib.greeting import Greeting
from workers.gateway.ib.replies import Replies
from workers.gateway.message_budget import MessageBudget
from workers.gateway.wire_log import Tap

log = structlog.get_logger(__name__)

# ib_async logs through its loggers what Slotwise logs in one line of its own.
logging.getLogger("ib_async").setLevel(logging.CRITICAL)
# But a message it cannot decode is news.
logging.getLogger("ib_async.Decoder").setLevel(logging.ERROR)


class OurClient(Client):
    """ib_async's client, with our count of what is sent and our reading of what comes.

    A message to be sent is counted as it is handed over; ib_async may send it a moment later.
    The greeting is ib_async's. After it, messages without a receiver are not even decoded.
    """

    def __init__(
        self,
        replies: Replies,
        messages: MessageBudget,
        greeting: Greeting,
        tap: Tap | None = None,
    ) -> None:
        cast("Any", super()).__init__(replies)
        self._tap = tap
        self._messages = messages
        self._greeting = greeting
        self._replies = replies
        self._frames: Frames | None = None
        #: By message id, as it stands in the message.
        self.heard: dict[bytes, Callable[[list[str]], None]] = {}

    @property
    def is_broken(self) -> bool:
        """Return True once what came is no stream of messages."""
        return self._frames is not None and self._frames.is_broken

    def sendMsg(self, msg: str) -> None:
        # ib_async calls this with nothing to go on with what waits.
        if msg:
            self._messages.spent(time.monotonic())
        cast("Any", super()).sendMsg(msg)

    def _prefix(self, msg: bytes) -> bytes:
        # ib_async calls this once for each message, the handshake included, as it goes out.
        if self._tap is not None:
            self._tap.sent(msg)
        return cast("bytes", cast("Any", super())._prefix(msg))

    def _onSocketHasData(self, data: bytes) -> None:
        if self._tap is not None:
            self._tap.received(data)
        greeted = cast("Any", self)
        if self._frames is None:
            if self._greeting.version is None and not self._greeting.read(greeted._data + data):
                return
            cast("Any", super())._onSocketHasData(data)
            if greeted.isReady():
                self._frames = Frames(self.heard, greeted._data)
            return
        replies, ticks, heard = self._replies, self._replies.ticks, self.heard
        replies.tcpDataArrived()
        for kind, message in self._frames.feed(data):
            if message == ticks.repeated_size:
                continue
            fields = message.decode(errors="backslashreplace").split("\0")
            # Every field ends with a zero byte, so that the last is none.
            del fields[-1]
            try:
                heard[kind](fields)
            except Exception:
                # Whatever is odd about one message, the others are read.
                log.exception("a message of TWS cannot be read", message=fields)
        replies.tcpDataProcessed()
        if self._frames.is_broken and greeted.conn.transport is not None:
            log.error("bytes that are no messages came; the connection is cut")
            greeted.conn.transport.abort()
