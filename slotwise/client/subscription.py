"""Subscription: updates of some contracts as they come, as an iterator or an async iterator."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.client.events import Boards, Event, Events
from slotwise.contract import Contract
from slotwise.errors import BusError, BusVersionError
from slotwise.position import Position

#: Time between two looks at the boards, seconds: the gateway sends quotes a few times a second.
LOOK_S = 0.25
#: Time between two readings of all positions, seconds: 10,000 of them take a tenth of a second.
POSITIONS_S = 2.0
#: Time between two looks while Redis is away, seconds.
AWAY_S = 1.0


class Subscription:
    """Iterates over events for as long as it is not closed; of several changes the newest comes.

    `for event in subscription` and `async for event in subscription` give the same. A Redis that
    is away at the start raises BusError. Later it is an event: nothing is seen until it is back.
    """

    def __init__(self, read: Callable[[], Boards], look_s: float = LOOK_S) -> None:
        self._read = read
        self._look_s = look_s
        self._events = Events()
        self._waiting: deque[Event] = deque()
        self._closed = threading.Event()
        #: Why nothing could be read at the last look; empty where it could.
        self.trouble = ""

    def poll(self) -> list[Event]:
        """Return what is new now, without waiting; raises BusError at the start."""
        waiting, self._waiting = list(self._waiting), deque()
        return waiting + self._next()

    @property
    def pause_s(self) -> float:
        """Return how long to wait for the next look, seconds."""
        return AWAY_S if self.trouble else self._look_s

    def _next(self) -> list[Event]:
        try:
            boards = self._read()
        except BusVersionError:
            raise
        except BusError as error:
            if not self._events.has_begun:
                raise
            self.trouble = str(error)
            return self._events.away(datetime.now(UTC), self.trouble)
        self.trouble = ""
        return self._events.next(boards)

    def wait(self, seconds: float) -> None:
        """Wait until it is closed, this long at most."""
        self._closed.wait(seconds)

    def close(self) -> None:
        """End every iteration."""
        self._closed.set()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        while not self._closed.is_set():
            if self._waiting:
                return self._waiting.popleft()
            self._waiting.extend(self._next())
            if not self._waiting:
                self._closed.wait(self.pause_s)
        raise StopIteration

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        while not self._closed.is_set():
            if self._waiting:
                return self._waiting.popleft()
            # In a thread: the loop never waits for Redis.
            self._waiting.extend(await asyncio.to_thread(self._next))
            if not self._waiting:
                await asyncio.sleep(self.pause_s)
        raise StopAsyncIteration


class BoardsReader:
    """Reads the boards for the contracts that are named by id, in words, or by strategy.

    Where none are named, for all contracts of active strategies.
    """

    def __init__(self, bus: Bus, contracts: Sequence[int | str], strategies: Sequence[str]) -> None:
        self._snapshots = SnapshotBoard(bus)
        self._quotes = QuoteBoard(bus)
        self._status = StatusBoard(bus)
        self._ids = {one for one in contracts if isinstance(one, int)}
        self._words = {" ".join(one.upper().split()) for one in contracts if isinstance(one, str)}
        self._strategies = set(strategies)
        self._positions: list[Position] = []
        self._positions_at: datetime | None = None
        self._every = not (contracts or strategies)

    def __call__(self) -> Boards:
        """Read the boards once; raises BusError."""
        now = datetime.now(UTC)
        if self._positions_at is None or (now - self._positions_at).total_seconds() > POSITIONS_S:
            found = self._snapshots.all()
            self._positions = found[1] if found is not None else self._positions
            self._positions_at = now
        status = self._status.get(GatewayStatus)
        contracts = self._select_contracts(status)
        return Boards(
            at=datetime.now(UTC),
            status=status,
            contracts=contracts,
            positions=self._positions,
            quotes=self._quotes.get(sorted(contracts)),
        )

    def _select_contracts(self, status: GatewayStatus | None) -> dict[int, Contract]:
        held = {one.contract.con_id: one.contract for one in self._positions}
        wanted = set(self._ids)
        wanted |= {con_id for con_id, one in held.items() if one.label.upper() in self._words}
        labels = {}
        for leg in status.legs if status is not None else ():
            labels[leg.con_id] = leg.label
            named = self._strategies.intersection(leg.strategies)
            if self._every or named or leg.label.upper() in self._words:
                wanted.add(leg.con_id)
        return {
            con_id: held.get(con_id)
            # What no account holds is known by its label alone.
            or Contract(con_id=con_id, symbol=labels.get(con_id, ""), sec_type="")
            for con_id in sorted(wanted)
        }
