"""Session: keeps the connection until it is stopped; `states` has the rules."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import structlog

from slotwise.errors import (
    BrokerError,
    BrokerUnreachableError,
    ClientRefusedError,
    NotLoggedInError,
    RequestRefusedError,
)
from workers.gateway.broker import Broker, Upstream
from workers.gateway.conditions import Conditions
from workers.gateway.session.history import SessionHistory
from workers.gateway.session.states import (
    CONNECTING_STATES,
    HANDSHAKE_TIMEOUT_S,
    LOOK_S,
    Action,
    Event,
    State,
    next_step,
    retry_delay_s,
)
from workers.gateway.tws_codes import NO_SECURITY

log = structlog.get_logger(__name__)

#: The peer is asked for a sign of life this often, seconds: a half-open one is found within this
#: and the timeout of a ping.
HEARTBEAT_S = 2.5
#: The same failure to connect is logged again after this, seconds.
REPEAT_LOG_S = 60.0
#: A tick proves that IB is back from this long after its loss on, seconds: until then it may have
#: been on its way.
TICKS_ON_THEIR_WAY_S = 5.0
#: An answer of IB is waited for this long, seconds.
LOOK_TIMEOUT_S = 8.0
#: Contracts that IB is asked about while TWS may be without it; one after another, so that TWS has
#: not all of them in memory.
LOOK_SYMBOLS = ("SPY", "QQQ", "IWM")

_UPSTREAM = {
    Upstream.LOST: Event.UPSTREAM_LOST,
    Upstream.BACK: Event.UPSTREAM_BACK,
    Upstream.BACK_EMPTY: Event.UPSTREAM_BACK_EMPTY,
    Upstream.FARM: Event.LINK_WORKS,
    Upstream.LINK_WORKS: Event.LINK_WORKS,
    Upstream.FARM_NEWS: Event.FARM_NEWS,
    Upstream.FARM_BROKEN: Event.FARM_NEWS,
    Upstream.FARM_RESTS: Event.FARM_NEWS,
    Upstream.PORT_MOVED: Event.PORT_MOVED,
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
        """Drop every line."""
        ...


class Session:
    """Connect, watch the connection, connect again."""

    def __init__(
        self,
        broker: Broker,
        listener: SessionListener,
        first_timeout_s: float,
        heartbeat_s: float = HEARTBEAT_S,
        look_s: float = LOOK_S,
        conditions: Conditions | None = None,
    ) -> None:
        self.state = State.DISCONNECTED
        self.detail = ""
        self.history = SessionHistory()
        self.conditions = conditions or Conditions()
        #: Called when the state has changed.
        self.on_change: Callable[[], None] = lambda: None
        #: Since when requests can be sent; None while they cannot.
        self.connected_at: datetime | None = None
        #: Set while requests can be sent.
        self.ready = asyncio.Event()
        self._broker = broker
        self._listener = listener
        self._heartbeat_s = heartbeat_s
        self._look_s = look_s
        self._deadline = time.monotonic() + first_timeout_s if first_timeout_s else None
        self._failures = 0
        self._changed = asyncio.Event()
        self._logged: tuple[str, float] = ("", 0.0)
        self._lost_at = 0.0
        self._looks = 0
        self._looked_at = 0.0
        self._looking: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Keep the connection until cancelled.

        Raises BrokerUnreachableError when the first connection does not come in time.
        """
        self.on(Event.START)
        try:
            while True:
                if self.state in CONNECTING_STATES:
                    await self._connect()
                elif self.state is State.WAITING:
                    await self._broker.disconnect()
                    await asyncio.sleep(retry_delay_s(self._failures, random.random()))
                    self.on(Event.RETRY)
                else:
                    await self._heartbeat()
        finally:
            if self._looking is not None:
                self._looking.cancel()

    def on(self, event: Event, reason: str = "") -> None:
        """Take an event."""
        before = self.state
        step = next_step(before, event)
        self.state = step.state
        if step.state is not before or any(a is not Action.LOOK for a in step.actions):
            self.detail = reason
            self._changed.set()
            self._log(step.state, reason)
            self.history.note(step.state, reason, datetime.now(UTC))
            self._note_upstream_loss(before, reason)
        if step.state is State.READY:
            if not self.ready.is_set():
                self.connected_at = datetime.now(UTC)
            self.ready.set()
        else:
            self.connected_at = None
            self.ready.clear()
        if step.state is not before:
            self.on_change()
        for action in step.actions:
            match action:
                case Action.PAUSE:
                    self._listener.pause()
                case Action.LINES_GONE:
                    self._listener.lines_gone(reason)
                case Action.RESUME:
                    self._listener.resume()
                case Action.LOOK:
                    self._look()

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        """Take what TWS reports of its way to IB, or of its API."""
        if upstream is Upstream.PORT_MOVED:
            port = self._broker.moved_to
            where = f" to {port}: set SLOTWISE_IB_PORT={port}" if port else ": set SLOTWISE_IB_PORT"
            self.conditions.hold("port_moved", f"TWS has moved the port of its API{where}")
        event = _UPSTREAM.get(upstream)
        if event is not None:
            self.on(event, reason)

    def ticked(self, now: float | None = None) -> None:
        """Take a tick: after a while without IB it shows that IB is back."""
        if self.state is not State.BLIND:
            return
        now = time.monotonic() if now is None else now
        if now - self._lost_at >= TICKS_ON_THEIR_WAY_S:
            self.on(Event.TICKED, "ticks come again")

    async def _connect(self) -> None:
        timeout_s = HANDSHAKE_TIMEOUT_S
        if self._deadline is not None:
            timeout_s = min(timeout_s, max(self._deadline - time.monotonic(), 0.1))
        try:
            await self._broker.connect(timeout_s)
        except BrokerUnreachableError as error:
            self._failures += 1
            self._note_refusal(error)
            next_try = time.monotonic() + retry_delay_s(self._failures, 0)
            if self._deadline is not None and next_try > self._deadline:
                raise
            self.on(Event.FAILED, error.reason)
        else:
            self._deadline = None
            self._failures = 0
            self.conditions.end("not_logged_in", "client_refused")
            if self._broker.moved_to is None:
                self.conditions.end("port_moved")
            # TWS's notices during the greeting are the reason why it is not ready now.
            self.on(Event.CONNECTED, self.detail if self.state is State.CONNECTING_BLIND else "")

    def _note_refusal(self, error: BrokerUnreachableError) -> None:
        if isinstance(error, NotLoggedInError):
            # TWS is there, and a person may need his time to log in.
            self._deadline = None
            self.conditions.hold("not_logged_in", str(error))
            self.conditions.end("client_refused")
        elif isinstance(error, ClientRefusedError):
            self.conditions.hold("client_refused", str(error))
            self.conditions.end("not_logged_in")
        else:
            self.conditions.end("not_logged_in", "client_refused")

    async def _heartbeat(self) -> None:
        """Wait a beat, or for a change; then ask for a sign of life."""
        self._changed.clear()
        try:
            async with asyncio.timeout(min(self._heartbeat_s, self._look_s)):
                await self._changed.wait()
        except TimeoutError:
            try:
                await self._broker.ping()
            except BrokerError as error:
                self.on(Event.SILENT, str(error))
                return
            if time.monotonic() - self._looked_at >= self._look_s:
                self.on(Event.LOOK_DUE)

    def _look(self) -> None:
        """Ask IB something, unless that is under way."""
        if self._looking is None or self._looking.done():
            self._looked_at = time.monotonic()
            self._looking = asyncio.get_running_loop().create_task(self._ask_ib())

    async def _ask_ib(self) -> None:
        symbol = LOOK_SYMBOLS[self._looks % len(LOOK_SYMBOLS)]
        self._looks += 1
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                await self._broker.details_of(symbol)
        except RequestRefusedError as error:
            if error.code != NO_SECURITY:
                return
        except (BrokerError, TimeoutError):
            return
        self.on(Event.ANSWERED, "IB answers again")

    def _note_upstream_loss(self, before: State, reason: str) -> None:
        if self.state is State.BLIND and before is not State.BLIND:
            self._lost_at = self._looked_at = time.monotonic()
            self.conditions.hold(
                "ib_lost", f"TWS has lost IB ({reason})" if reason else "TWS has lost IB"
            )
        elif self.state is not State.BLIND:
            self.conditions.end("ib_lost")

    def _log(self, state: State, reason: str) -> None:
        now = time.monotonic()
        repeated, logged_at = self._logged
        if state in CONNECTING_STATES or (
            state is State.WAITING and reason == repeated and now - logged_at < REPEAT_LOG_S
        ):
            return
        if state is State.WAITING:
            self._logged = (reason, now)
            log.warning("session", state=state.value, reason=reason)
        else:
            log.info("session", state=state.value, **({"reason": reason} if reason else {}))
