"""Answers to a request for positions that are not what a client would like.

TWS sends rows and pushes over one connection: a push can stand between the rows of an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import TypeAlias

from tws_simulator.book.position import Position

#: What an answer is made of: positions and their encoded rows.
Row: TypeAlias = tuple[Position, bytes]


@dataclass(frozen=True, slots=True)
class PollFault:
    """Hold how one answer goes wrong.

    `con_id` names the row it is about, 0 any; `quantity` is what is held of it after a change;
    `missing` is the part of the rows that a partial answer lacks.
    """

    kind: str
    seed: int = 1
    con_id: int = 0
    quantity: Decimal = Decimal(0)
    missing: float = 0.5


@dataclass(frozen=True, slots=True)
class Change:
    """Let a position change here: it is pushed to all who are subscribed."""

    held: Position
    quantity: Decimal


Step: TypeAlias = bytes | Change


def arranged(fault: PollFault, rows: Sequence[Row], end: bytes) -> list[Step]:
    """Return what is sent, and done, in which order."""
    random = Random(fault.seed)
    at = next((n for n, (p, _) in enumerate(rows) if p.contract.con_id == fault.con_id), None)
    if at is None:
        at = random.randrange(len(rows)) if rows and not fault.con_id else None
    return _KINDS[fault.kind](fault, rows, at, end, random)


def _duplicate(
    fault: PollFault, rows: Sequence[Row], at: int | None, end: bytes, random: Random
) -> list[Step]:
    sent: list[Step] = [row for _, row in rows]
    if at is not None:
        sent.insert(random.randint(at + 1, len(sent)), rows[at][1])
    return [*sent, end]


def _change(
    fault: PollFault, rows: Sequence[Row], at: int | None, end: bytes, random: Random
) -> list[Step]:
    sent: list[Step] = [row for _, row in rows]
    if at is not None:
        # After its old row and before the end, between other rows where there are any.
        sent.insert(random.randint(at + 1, len(sent)), Change(rows[at][0], fault.quantity))
    return [*sent, end]


def _early_end(
    fault: PollFault, rows: Sequence[Row], at: int | None, end: bytes, random: Random
) -> list[Step]:
    return [end, *(row for _, row in rows)]


def _partial(
    fault: PollFault, rows: Sequence[Row], at: int | None, end: bytes, random: Random
) -> list[Step]:
    kept = sorted(random.sample(range(len(rows)), int(len(rows) * (1 - fault.missing))))
    return [*(rows[n][1] for n in kept), end]


def _shuffle(
    fault: PollFault, rows: Sequence[Row], at: int | None, end: bytes, random: Random
) -> list[Step]:
    return [*random.sample([row for _, row in rows], len(rows)), end]


_Arrange: TypeAlias = Callable[[PollFault, Sequence[Row], int | None, bytes, Random], list[Step]]
_KINDS: Mapping[str, _Arrange] = {
    "duplicate": _duplicate,
    "change": _change,
    "early_end": _early_end,
    "partial": _partial,
    "shuffle": _shuffle,
}
#: Ways in which an answer can go wrong.
KINDS = tuple(_KINDS)
