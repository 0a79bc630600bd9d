"""Handlers of streamed updates, each in a thread of its own.

A handler that is slow or raises disturbs no other: every handler has its own mailbox, which
keeps only the newest update per holding, so memory stays bounded however slow the handler is.

Besides `on_updates` a handler may have any of the methods below; each is called where it exists:

    on_unseen(contracts: Sequence[ContractUnseen])    active contracts that do not tick any more
    on_seen(contracts: Sequence[ContractSeen])        the same, when they tick again
    on_connection(connection: ConnectionState)        every change of the connection
    on_verdict(verdict: VerdictStatus)                every change of the verdict's state

In one round the connection comes first, then the verdict, what is seen again, the updates, and
what is not seen any more. Of a contract that changed several times since the last round only the
newest state comes.

A handler with `in_loop = True` has no thread: it is called where the update was read from the
socket. That spares the waking of a thread for each packet, and while its call runs the
gateway does nothing else: no other handler is called, no line is opened, no tick is read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import Literal, Protocol, TypeVar, runtime_checkable

import structlog

from slotwise.bus.status import VerdictStatus
from slotwise.contract import PositionKey
from slotwise.sighting import ConnectionState, ContractSeen, ContractUnseen
from slotwise.update import PositionUpdate

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: Longest wait, in seconds, for one handler's thread when the hub closes.
CLOSE_TIMEOUT_S = 5.0
#: Holdings whose last update to a handler is remembered; beyond them it may get one twice.
MOST_DELIVERED = 20_000


@runtime_checkable
class Handler(Protocol):
    """Receive the newest update of each active contract that changed since the last call."""

    name: str

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        """Act on the updates; an exception is logged and counted, and the next call still comes."""
        ...


@runtime_checkable
class UnseenHandler(Protocol):
    """A handler that receives active contracts which do not tick any more."""

    def on_unseen(self, contracts: Sequence[ContractUnseen]) -> None:
        """Act on contracts that are not seen; an exception is logged and counted."""
        ...


@runtime_checkable
class SeenHandler(Protocol):
    """A handler that receives active contracts which tick again."""

    def on_seen(self, contracts: Sequence[ContractSeen]) -> None:
        """Act on contracts that are seen again; an exception is logged and counted."""
        ...


@runtime_checkable
class ConnectionHandler(Protocol):
    """A handler that receives the changes of the connection."""

    def on_connection(self, connection: ConnectionState) -> None:
        """Act on the connection's state; an exception is logged and counted."""
        ...


@runtime_checkable
class VerdictHandler(Protocol):
    """A handler that receives the changes of the verdict on the whole system."""

    def on_verdict(self, verdict: VerdictStatus) -> None:
        """Act on the verdict; an exception is logged and counted."""
        ...


class HandlerHub:
    """Hand every update to every registered handler."""

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}

    def register(self, handler: Handler, every_s: float = 0.0, *, only_held: bool = False) -> None:
        """Add a handler, called at most once every `every_s` seconds.

        A second handler of the same name replaces the first. One for what is `only_held` receives
        no updates of contracts that no account holds.
        """
        self.unregister(handler.name)
        self._lanes[handler.name] = _Lane(handler, every_s, only_held=only_held)

    def unregister(self, name: str) -> None:
        """Remove a handler after it has seen what was already in its mailbox."""
        lane = self._lanes.pop(name, None)
        if lane is not None:
            lane.close()

    def publish(self, updates: Sequence[PositionUpdate]) -> None:
        """Put updates into every mailbox; never blocks on a handler."""
        if not updates:
            return
        named = [(update.key, update) for update in updates]
        for lane in list(self._lanes.values()):
            lane.put(named)

    def publish_sighting(self, sighting: ContractSeen | ContractUnseen) -> None:
        """Put a change of what is seen into every mailbox."""
        for lane in list(self._lanes.values()):
            lane.put_sighting(sighting)

    def publish_connection(self, connection: ConnectionState) -> None:
        """Put the connection's state into every mailbox."""
        for lane in list(self._lanes.values()):
            lane.put_state("connection", connection)

    def publish_verdict(self, verdict: VerdictStatus) -> None:
        """Put the verdict into every mailbox."""
        for lane in list(self._lanes.values()):
            lane.put_state("verdict", verdict)

    def errors(self) -> dict[str, int]:
        """Count the exceptions of each handler."""
        return {name: lane.errors for name, lane in self._lanes.items()}

    def busy_s(self) -> dict[str, float]:
        """Return for how long each handler has been in its call under way, seconds."""
        now = time.monotonic()
        begun = {name: lane.called_at for name, lane in list(self._lanes.items())}
        return {name: now - at for name, at in begun.items() if at is not None}

    def close(self) -> None:
        """Deliver what is left to every handler, then end its thread."""
        for name in list(self._lanes):
            self.unregister(name)


class _Mailbox:
    """What waits for a handler: the newest of each thing."""

    __slots__ = ("connection", "sightings", "updates", "verdict")

    def __init__(self) -> None:
        self.updates: dict[PositionKey, PositionUpdate] = {}
        self.sightings: dict[int, ContractSeen | ContractUnseen] = {}
        self.connection: ConnectionState | None = None
        self.verdict: VerdictStatus | None = None

    def is_empty(self) -> bool:
        return not (self.updates or self.sightings or self.connection or self.verdict)


class _Lane:
    def __init__(self, handler: Handler, every_s: float, *, only_held: bool) -> None:
        self.errors = 0
        #: When the call under way began, seconds of a steady clock; None without one.
        self.called_at: float | None = None
        self._handler = handler
        self._is_in_loop = bool(getattr(handler, "in_loop", False)) and not every_s
        self._every_s = every_s
        self._only_held = only_held
        self._mail = _Mailbox()
        self._delivered: dict[PositionKey, PositionUpdate] = {}
        #: Contracts that were reported to the handler as unseen.
        self._unseen: set[int] = set()
        self._lock = threading.Lock()
        # Set when something is put into an empty mailbox: ten times as fast as an Event.
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._closing = threading.Event()
        # One call at a time, also of updates from several threads.
        self._calling = threading.RLock()
        self._thread = threading.Thread(
            target=self._run, name=f"handler-{handler.name}", daemon=True
        )
        if not self._is_in_loop:
            self._thread.start()

    def put(self, named: Sequence[tuple[PositionKey, PositionUpdate]]) -> None:
        if self._only_held:
            named = [(key, update) for key, update in named if update.position.account]
            if not named:
                return
        with self._lock:
            first = self._mail.is_empty()
            self._mail.updates.update(named)
        if first:
            self._ring()

    def put_sighting(self, sighting: ContractSeen | ContractUnseen) -> None:
        with self._lock:
            first = self._mail.is_empty()
            self._mail.sightings[sighting.contract.con_id] = sighting
        if first:
            self._ring()

    def put_state(self, field: Literal["connection", "verdict"], value: object) -> None:
        with self._lock:
            first = self._mail.is_empty()
            setattr(self._mail, field, value)
        if first:
            self._ring()

    def close(self) -> None:
        self._closing.set()
        if self._is_in_loop:
            return
        self._bell.put(None)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _ring(self) -> None:
        if not self._is_in_loop:
            self._bell.put(None)
            return
        with self._calling:
            self._drain()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._bell.get()
            self._drain()
            if self._every_s:
                self._closing.wait(self._every_s)
        self._drain()

    def _drain(self) -> None:
        with self._lock:
            mail, self._mail = self._mail, _Mailbox()
        handler = self._handler
        if mail.connection is not None and isinstance(handler, ConnectionHandler):
            self._call(handler.on_connection, mail.connection)
        if mail.verdict is not None and isinstance(handler, VerdictHandler):
            self._call(handler.on_verdict, mail.verdict)
        seen, unseen = self._changes_of(mail.sightings) if mail.sightings else ((), ())
        if seen and isinstance(handler, SeenHandler):
            self._call(handler.on_seen, seen)
        if mail.updates:
            self._drain_updates(mail.updates)
        if unseen and isinstance(handler, UnseenHandler):
            self._call(handler.on_unseen, unseen)

    def _changes_of(
        self, sightings: Mapping[int, ContractSeen | ContractUnseen]
    ) -> tuple[Sequence[ContractSeen], Sequence[ContractUnseen]]:
        """Return what is newly seen again, and what is newly not seen any more."""
        new = [
            one
            for c, one in sightings.items()
            if isinstance(one, ContractSeen) == (c in self._unseen)
        ]
        seen = [one for one in new if isinstance(one, ContractSeen)]
        unseen = [one for one in new if isinstance(one, ContractUnseen)]
        self._unseen.difference_update(one.contract.con_id for one in seen)
        if len(self._unseen) > MOST_DELIVERED:
            self._unseen.clear()
        self._unseen.update(one.contract.con_id for one in unseen)
        return seen, unseen

    def _drain_updates(self, newest: dict[PositionKey, PositionUpdate]) -> None:
        delivered = self._delivered
        # A snapshot with nothing new of a holding is published like a tick; sent on, it would
        # be the same row of the lake twice.
        updates = [
            update for key, update in newest.items() if update.says_more_than(delivered.get(key))
        ]
        if updates and self._call(self._handler.on_updates, updates):
            delivered.update(newest)
            if len(delivered) > MOST_DELIVERED:
                delivered.clear()

    def _call(self, method: Callable[[T], None], value: T) -> bool:
        """Call the handler; return False where it raised."""
        self.called_at = time.monotonic()
        try:
            method(value)
        except Exception as error:
            self.errors += 1
            log.warning(
                "handler failed", handler=self._handler.name, error=str(error), exc_info=True
            )
            return False
        finally:
            self.called_at = None
        return True
