"""`slotwise lake`: how large each table is, and when it was maintained."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from slotwise.errors import InputError
from slotwise.lake.maintenance import table_state
from slotwise.lake.schemas import TABLES
from slotwise.lake.store import Lake
from slotwise.settings import settings

#: Bytes of a megabyte.
MB = 1_000_000


def lake(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show rows, files, size and version of each table, and its last maintenance.

    Example: slotwise lake
    """
    place = Lake(settings().lake_path)
    states = [table_state(place, name) for name in TABLES]
    if not any(state.version or state.files for state in states):
        raise InputError(f"there is no lake at {place.address!r}: name it with SLOTWISE_LAKE")
    if as_json:
        sys.stdout.write(msgspec.json.encode(states).decode() + "\n")
        return
    table = Table(title=place.address, title_justify="left")
    for column in ("table", "rows", "files", "MB", "version", "maintained (UTC)"):
        table.add_column(
            column, justify="left" if column.startswith(("table", "main")) else "right"
        )
    for state in states:
        at = state.maintained_at
        table.add_row(
            state.table,
            f"{state.rows:,}",
            str(state.files),
            f"{state.bytes / MB:,.1f}",
            str(state.version),
            f"{at:%Y-%m-%d %H:%M:%S}" if at else "never",
        )
    Console().print(table)
