"""The quotes that marks begin with after a start: each contract's newest, of Redis or the lake.

The lake has at most one a minute and contract, and lasts; the board of quotes has the newest of
all, as long as Redis kept them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from slotwise.bus.board import QuoteBoard
from slotwise.errors import BusError, LakeError
from slotwise.quote import Quote

log = structlog.get_logger(__name__)


def last_quotes(
    board: QuoteBoard, in_lake: Callable[[], Mapping[int, Quote]]
) -> Mapping[int, Quote]:
    """Read both; what cannot be read is left out, and logged."""
    found: dict[int, Quote] = {}
    try:
        found.update(in_lake())
    except LakeError as error:
        log.warning("last quotes not read: marks begin with those to come", reason=str(error))
    try:
        on_board = board.get(sorted(board.con_ids()))
    except BusError as error:
        log.info("quotes not read from redis", reason=str(error))
        return found
    for con_id, quote in on_board.items():
        known = found.get(con_id)
        if known is None or known.observed_at < quote.observed_at:
            found[con_id] = quote
    return found
