"""Data gaps from the lake: when contracts were not seen."""

from __future__ import annotations

import msgspec

from slotwise.errors import LakeError
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.rules.data_gaps import DataGap, LineEvent, data_gaps


def recorded_gaps(lake: Lake, con_id: int | None = None) -> dict[int, list[DataGap]]:
    """Read when a contract, or each, was wanted and not seen; raises LakeError."""
    where = "" if con_id is None else f"WHERE con_id = {con_id:d}"
    rows = ask(
        lake,
        "SELECT con_id, coalesce(symbol, '') AS symbol, event, coalesce(reason, '') AS reason,"
        f" held, allowed, at FROM line_events {where}",
        "line_events",
    )
    try:
        return data_gaps(msgspec.convert(rows, list[LineEvent]))
    except msgspec.ValidationError as error:
        raise LakeError(
            f"lake {lake.address!r} says what this Slotwise does not know: {error}"
        ) from error
