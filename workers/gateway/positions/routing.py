"""Where each position goes: active ones to the handlers, the others into the queue. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

import msgspec

from slotwise.contract import PositionKey
from slotwise.position import Position, Snapshot, is_older
from slotwise.rules.position_queue import POLLED, URGENT, NewItem
from workers.gateway.active_contracts import ActiveContracts


class Portfolio:
    """Hold what is held, by holding and by contract; lives on the event loop."""

    def __init__(self, positions: Iterable[Position] = ()) -> None:
        self.by_key: dict[PositionKey, Position] = {}
        #: The accounts that hold each contract.
        self._accounts: dict[int, tuple[str, ...]] = {}
        #: One value for all contracts that an account alone holds: there are tens of thousands.
        self._alone: dict[str, tuple[str, ...]] = {}
        for position in positions:
            self.amend(position)

    def amend(self, position: Position) -> None:
        """Take the present state of one holding; quantity 0 takes it out."""
        account, con_id = key = position.key
        if position.quantity:
            if key not in self.by_key:
                alone = self._alone.setdefault(account, (account,))
                others = self._accounts.get(con_id)
                self._accounts[con_id] = alone if others is None else others + alone
            self.by_key[key] = position
        elif self.by_key.pop(key, None) is not None:
            others = tuple(one for one in self._accounts.pop(con_id) if one != account)
            if others:
                self._accounts[con_id] = others

    def of(self, con_id: int) -> list[Position]:
        """List the holdings of a contract, one per account."""
        return [self.by_key[account, con_id] for account in self._accounts.get(con_id, ())]


@dataclass(frozen=True, slots=True)
class Routing:
    """What one snapshot means for the holdings."""

    portfolio: Portfolio
    #: Holdings of active contracts, and those that were closed since the snapshot before.
    streamed: tuple[Position, ...]
    #: Non-essential holdings.
    queued: tuple[NewItem, ...]
    #: Every holding that was closed since the snapshot before, with quantity 0.
    closed: tuple[Position, ...]


def route(
    snapshot: Snapshot,
    before: Portfolio,
    active: ActiveContracts,
    closed_before: Mapping[PositionKey, Position] | None = None,
) -> Routing:
    """Sort a complete snapshot; what was held `before` and is absent now was closed.

    What was observed after the snapshot's end stays: also that a holding was `closed_before`.
    """
    gone, known = closed_before or {}, before.by_key
    portfolio = Portfolio(
        _newer(position, known.get(position.key))
        for position in snapshot.positions
        if not gone or not is_older(position, gone.get(position.key))
    )
    zeros = {position.key: position for position in snapshot.positions if not position.quantity}
    closed = []
    for key, position in known.items():
        if key in portfolio.by_key:
            continue
        zero = zeros.get(key) or _closing_of(position, snapshot)
        if is_older(zero, position):
            portfolio.amend(position)
        else:
            closed.append(zero)
    wanted, unseen = active.wanted, snapshot.unseen
    seen = [position for key, position in portfolio.by_key.items() if key not in unseen]
    return Routing(
        portfolio=portfolio,
        streamed=tuple(p for p in (*seen, *closed) if p.contract.con_id in wanted),
        queued=tuple(
            new_item(snapshot.snapshot_id, position, POLLED)
            for position in seen
            if position.contract.con_id not in wanted
        ),
        closed=tuple(closed),
    )


def pushed_item(position: Position) -> NewItem:
    """Queue a holding that TWS reported as changed; it goes before those that were polled."""
    return new_item(f"push-{position.observed_at.isoformat()}", position, URGENT)


def new_item(source: str, position: Position, priority: int) -> NewItem:
    """Queue a holding; the same source gives the same item, however often it is sent."""
    account, con_id = position.key
    name = f"{source}|{account}|{con_id}".encode()
    return NewItem(blake2b(name, digest_size=10).hexdigest(), account, con_id, priority)


def closed_at(position: Position, at: datetime, sequence: int | None) -> Position:
    """Return the closed state of a holding."""
    return msgspec.structs.replace(position, quantity=Decimal(0), observed_at=at, sequence=sequence)


def _closing_of(position: Position, snapshot: Snapshot) -> Position:
    return closed_at(position, snapshot.completed_at, snapshot.sequence)


def _newer(position: Position, known: Position | None) -> Position:
    return known if known is not None and is_older(position, known) else position
