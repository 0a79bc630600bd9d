"""Recall: what was held when a gateway begins, from what earlier ones left.

The board has what the gateway before had, with the closings of its last minutes; the lake has what
has landed. A holding that is open in either is taken as held, until TWS says otherwise by the rule
of `closings`: so what closed while no gateway looked, or right before one was killed, is closed.
What only the lake has is not confirmed: most likely its closing was lost, so handlers are not
given its quantity before TWS lists it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import structlog

from slotwise.bus.board import SnapshotBoard
from slotwise.contract import PositionKey
from slotwise.errors import BusError, LakeError
from slotwise.position import Position, is_older

log = structlog.get_logger(__name__)


class Recalled(msgspec.Struct, frozen=True):
    """What was held, closed holdings with quantity 0, and which start of the gateway this is."""

    positions: tuple[Position, ...]
    epoch: int
    #: Holdings that only the lake has, though there is a board.
    unconfirmed: frozenset[PositionKey] = frozenset()


def recall(
    board: SnapshotBoard, book: Callable[[], Sequence[Position]], spool_epoch: Callable[[], int]
) -> Recalled:
    """Read the board and the lake; what cannot be read is left out, and logged."""
    on_board = _of_board(board)
    in_lake = of_lake(book)
    known = {position.key: position for position in on_board or ()}
    unconfirmed = frozenset(p.key for p in in_lake if p.key not in known)
    for position in in_lake:
        of_board = known.get(position.key)
        if of_board is None or is_older(of_board, position):
            known[position.key] = position
    if on_board is None:
        unconfirmed = frozenset()
    return Recalled(tuple(known.values()), spool_epoch(), unconfirmed)


def _of_board(board: SnapshotBoard) -> Sequence[Position] | None:
    try:
        found = board.all()
    except (BusError, msgspec.MsgspecError) as error:
        log.warning("board not read; its holdings are missing at this start", reason=str(error))
        return None
    return None if found is None else found[1]


def of_lake(book: Callable[[], Sequence[Position]]) -> Sequence[Position]:
    """Read what is open in the lake; nothing, and a line in the log, where it cannot be read."""
    try:
        return book()
    except LakeError as error:
        log.warning("book not read; holdings closed in between may be missed", reason=str(error))
        return ()
