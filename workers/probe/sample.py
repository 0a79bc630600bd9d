"""Choose what a probe asks about: a few contracts of each kind and place. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from slotwise.contract import Contract
from slotwise.position import Position

#: Contracts that are streamed of each kind and exchange, and taken as snapshots of each kind.
STREAMED, SNAPSHOTS = 3, 2
#: Contracts whose details are looked up at most: the sample comes from them.
LOOKED_UP = 60


def to_look_up(positions: Sequence[Position]) -> list[int]:
    """Return contract ids to look up: kinds in turn, so that each is there."""
    by_kind: dict[tuple[str, str], list[int]] = defaultdict(list)
    for position in positions:
        contract = position.contract
        ids = by_kind[contract.sec_type, contract.currency]
        if position.quantity and contract.con_id not in ids:
            ids.append(contract.con_id)
    turns = [ids[n] for n in range(LOOKED_UP) for ids in by_kind.values() if n < len(ids)]
    return turns[:LOOKED_UP]


def to_stream(contracts: Iterable[Contract]) -> list[Contract]:
    """Return a few contracts of each kind and exchange."""
    return _each(contracts, STREAMED, lambda one: (one.sec_type, one.exchange, one.currency))


def to_snapshot(contracts: Iterable[Contract]) -> list[Contract]:
    """Return a few contracts of each kind."""
    return _each(contracts, SNAPSHOTS, lambda one: (one.sec_type,))


def _each(
    contracts: Iterable[Contract], count: int, group: Callable[[Contract], tuple[str, ...]]
) -> list[Contract]:
    taken: dict[tuple[str, ...], int] = defaultdict(int)
    chosen = []
    for contract in contracts:
        key = group(contract)
        if taken[key] < count:
            taken[key] += 1
            chosen.append(contract)
    return chosen
