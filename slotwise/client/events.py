"""Events of a subscription, from what the boards say one after another. Pure.

Rules:
* An update comes for each holding whose position or quote is new, and one for each at the start.
* A wanted contract that no account holds has an update of quantity 0.
* A contract that the gateway says is not seen is an event once, and once more when it is seen.
* The connection is an event at the start and whenever it changes. A gateway whose status is older
  than `SILENT_S`, or gone, is not ready.
* Without a gateway, or without Redis, no wanted contract is seen.
* In one round the connection comes first, then what is seen again, the updates, and what is not
  seen any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import msgspec

from slotwise.bus.status import GatewayStatus, LegStatus
from slotwise.contract import Contract, PositionKey
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.sighting import ConnectionState, ContractSeen, ContractUnseen
from slotwise.update import PositionUpdate, not_held, update_of

Event: TypeAlias = PositionUpdate | ContractUnseen | ContractSeen | ConnectionState

#: A gateway publishes its status every second; after this long without one it is not there,
#: seconds.
SILENT_S = 5.0
#: States of a leg in which its ticks come, or are not expected.
SEEN = frozenset(("seen", "closed", "expired"))
#: State of the connection without a gateway's status, and its reason.
UNKNOWN, NO_GATEWAY = "unknown", "no gateway publishes its state"


class Boards(msgspec.Struct, frozen=True, kw_only=True):
    """What was read in one round; `contracts` are those that are wanted."""

    at: datetime
    status: GatewayStatus | None
    contracts: Mapping[int, Contract]
    positions: Iterable[Position]
    quotes: Mapping[int, Quote]


class Events:
    """Compares what was read with what was read before."""

    def __init__(self) -> None:
        self._sent: dict[PositionKey, PositionUpdate] = {}
        self._unseen: dict[int, ContractUnseen] = {}
        self._connection: ConnectionState | None = None
        #: What was wanted last, and when a gateway was there last.
        self._wanted: Mapping[int, Contract] = {}
        self._seen_at: datetime | None = None

    def next(self, boards: Boards) -> list[Event]:
        """Return what is new."""
        found: list[Event] = []
        connection = _connection(boards)
        before = self._connection
        if before is None or _key(before) != _key(connection):
            found.append(connection)
            self._connection = connection
        legs = {} if boards.status is None else {leg.con_id: leg for leg in boards.status.legs}
        if connection.state == UNKNOWN:
            # Which contracts belong to a strategy is in the gateway's status alone.
            self._wanted = {**self._wanted, **boards.contracts}
            return [*found, *self._updates(boards, legs), *self._all_lost(boards.at, NO_GATEWAY)]
        self._wanted, self._seen_at = boards.contracts, boards.at
        found += self._seen_events(boards, legs)
        found += self._updates(boards, legs)
        found += self._lost_events(boards, legs)
        return found

    @property
    def has_begun(self) -> bool:
        """Return True once boards were read."""
        return self._connection is not None

    def away(self, at: datetime, reason: str) -> list[Event]:
        """Return the events of a time in which nothing can be read."""
        found: list[Event] = []
        connection = ConnectionState(state=UNKNOWN, is_ready=False, reason=reason, at=at)
        if self._connection is None or _key(self._connection) != _key(connection):
            found.append(connection)
            self._connection = connection
        return found + self._all_lost(at, reason)

    def _all_lost(self, at: datetime, reason: str) -> list[Event]:
        found: list[Event] = []
        for con_id, contract in self._wanted.items():
            if con_id not in self._unseen:
                since = self._seen_at or at
                unseen = ContractUnseen(contract=contract, since=since, reason=reason)
                self._unseen[con_id] = unseen
                found.append(unseen)
        return found

    def _updates(self, boards: Boards, legs: Mapping[int, LegStatus]) -> list[Event]:
        wanted = boards.contracts
        held = [one for one in boards.positions if one.contract.con_id in wanted and one.quantity]
        there = {one.contract.con_id for one in held}
        # A holding that was closed has an update of quantity 0.
        closed = [
            one
            for one in boards.positions
            if not one.quantity and one.key in self._sent and one.contract.con_id in wanted
        ]
        absent = [
            not_held(contract, boards.quotes[con_id].observed_at)
            for con_id, contract in wanted.items()
            if con_id not in there and con_id in boards.quotes
        ]
        found: list[Event] = []
        for position in (*held, *closed, *absent):
            con_id = position.contract.con_id
            strategies = legs[con_id].strategies if con_id in legs else ()
            update = update_of(position, boards.quotes.get(con_id), strategies)
            if update.says_more_than(self._sent.get(update.key)):
                self._sent[update.key] = update
                found.append(update)
        return found

    def _seen_events(self, boards: Boards, legs: Mapping[int, LegStatus]) -> list[Event]:
        found: list[Event] = []
        for con_id, unseen in list(self._unseen.items()):
            leg = legs.get(con_id)
            if leg is None or leg.state in SEEN:
                del self._unseen[con_id]
                found.append(
                    ContractSeen(contract=unseen.contract, unseen_since=unseen.since, at=boards.at)
                )
        return found

    def _lost_events(self, boards: Boards, legs: Mapping[int, LegStatus]) -> list[Event]:
        found: list[Event] = []
        for con_id, contract in boards.contracts.items():
            leg = legs.get(con_id)
            if leg is None or leg.state in SEEN or con_id in self._unseen:
                continue
            reason = f"{leg.state}: {leg.reason}" if leg.reason else leg.state
            unseen = ContractUnseen(contract=contract, since=leg.since or boards.at, reason=reason)
            self._unseen[con_id] = unseen
            found.append(unseen)
        return found


def _connection(boards: Boards) -> ConnectionState:
    status = boards.status
    if status is None or (boards.at - status.at).total_seconds() > SILENT_S:
        return ConnectionState(state=UNKNOWN, is_ready=False, reason=NO_GATEWAY, at=boards.at)
    return ConnectionState(
        state=status.session,
        is_ready=status.connected_at is not None,
        reason=status.detail,
        at=status.at,
        conditions=status.conditions,
    )


def _key(connection: ConnectionState) -> tuple[object, ...]:
    return connection.state, connection.is_ready, connection.reason, connection.conditions
