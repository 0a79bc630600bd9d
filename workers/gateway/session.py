"""Session: keeps the connection, for ever; `session_table` has the rules."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from typing import Protocol

import structlog

from slotwise.errors import BrokerError, BrokerUnreachableError
from workers.gateway.broker import Broker, Upstream
from workers.gateway.session_history import SessionHistory
from workers.gateway.session_table import Action, Event, State, next_step, retry_delay_s

log = structlog.get_logger(__name__)

#: TWS must greet within this, seconds.
HANDSHAKE_TIMEOUT_S = 10.0
#: The peer is asked for a sign of life this often, seconds: a half-open one is found within this
#: and the patience of a ping.
HEARTBEAT_S = 2.5
#: The same failure to connect is logged again after this, seconds.
REPEAT_LOG_S = 60.0

_UPSTREAM = {
    Upstream.LOST: Event.UPSTREAM_LOST,
    Upstream.BACK: Event.UPSTREAM_BACK,
    Upstream.BACK_EMPTY: Event.UPSTREAM_BACK_EMPTY,
}


class SessionListener(Protocol):
    """Do what a change of the session asks for."""

    def resume(self) -> None:
        """Poll at once, and open the lines that are missing."""
        ...

    def pause(self) -> None:
        """Send nothing until `resume`."""
        ...

    def lines_gone(self, reason: str) -> None:
        """Forget every line."""
        ...


class Session:
    """Connect, watch the connection, connect again."""

    def __init__(
        self,
        broker: Broker,
        listener: SessionListener,
        first_timeout_s: float,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self.state = State.DISCONNECTED
        self.detail = ""
        self.history = SessionHistory()
        #: Since when requests can be sent; None while they cannot.
        self.connected_at: datetime | None = None
        #: Set while requests can be sent.
        self.ready = asyncio.Event()
        self._broker = broker
        self._listener = listener
        self._heartbeat_s = heartbeat_s
        self._deadline = time.monotonic() + first_timeout_s if first_timeout_s else None
        self._failures = 0
        self._changed = asyncio.Event()
        self._logged: tuple[str, float] = ("", 0.0)

    async def run(self) -> None:
        """Keep the connection until cancelled.

        Raises BrokerUnreachableError when the first connection does not come in time.
        """
        self.on(Event.START)
        while True:
            match self.state:
                case State.CONNECTING:
                    await self._connect()
                case State.WAITING:
                    await self._broker.disconnect()
                    await asyncio.sleep(retry_delay_s(self._failures, random.random()))
                    self.on(Event.RETRY)
                case _:
                    await self._heartbeat()

    def on(self, event: Event, reason: str = "") -> None:
        """Take an event."""
        before = self.state
        step = next_step(before, event)
        self.state = step.state
        if step.state is not before or step.actions:
            self.detail = reason
            self._changed.set()
            self._log(step.state, reason)
            self.history.note(step.state, reason, datetime.now(UTC))
        if step.state is State.READY:
            if not self.ready.is_set():
                self.connected_at = datetime.now(UTC)
            self.ready.set()
        else:
            self.connected_at = None
            self.ready.clear()
        for action in step.actions:
            match action:
                case Action.PAUSE:
                    self._listener.pause()
                case Action.LINES_GONE:
                    self._listener.lines_gone(reason)
                case Action.RESUME:
                    self._listener.resume()

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        """Hear how TWS is connected to IB."""
        event = _UPSTREAM.get(upstream)
        if event is not None:
            self.on(event, reason)

    async def _connect(self) -> None:
        timeout_s = HANDSHAKE_TIMEOUT_S
        if self._deadline is not None:
            timeout_s = min(timeout_s, max(self._deadline - time.monotonic(), 0.1))
        try:
            await self._broker.connect(timeout_s)
        except BrokerUnreachableError as error:
            self._failures += 1
            next_try = time.monotonic() + retry_delay_s(self._failures, 0)
            if self._deadline is not None and next_try > self._deadline:
                raise
            self.on(Event.FAILED, str(error))
        else:
            self._deadline = None
            self._failures = 0
            self.on(Event.CONNECTED)

    async def _heartbeat(self) -> None:
        """Wait a beat, or for a change; then ask for a sign of life."""
        self._changed.clear()
        try:
            async with asyncio.timeout(self._heartbeat_s):
                await self._changed.wait()
        except TimeoutError:
            try:
                await self._broker.ping()
            except BrokerError as error:
                self.on(Event.SILENT, str(error))

    def _log(self, state: State, reason: str) -> None:
        now = time.monotonic()
        repeated, logged_at = self._logged
        if state is State.CONNECTING or (
            state is State.WAITING and reason == repeated and now - logged_at < REPEAT_LOG_S
        ):
            return
        if state is State.WAITING:
            self._logged = (reason, now)
            log.warning("session", state=state.value, reason=reason)
        else:
            log.info("session", state=state.value, **({"reason": reason} if reason else {}))
