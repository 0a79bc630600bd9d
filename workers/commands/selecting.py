"""Options that choose and sort holdings, shared by commands that list them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import typer

from slotwise.local_zone import local_zone
from slotwise.parse_time import read_zone
from slotwise.portfolio.selection import Selection, names_in, read_expiring

Symbol = Annotated[str | None, typer.Option(help="Underlying symbols, comma between.")]
InStrategy = Annotated[
    str | None, typer.Option("--strategy", help="Strategies, or unassigned, comma between.")
]
Account = Annotated[str | None, typer.Option(help="Accounts, each with its models.")]
Kind = Annotated[str | None, typer.Option(help="OPT, STK, ... or options, shares, futures, ...")]
Expiring = Annotated[
    str | None, typer.Option(help="today, 7d, 'this week', 2026-12, or 2026-12-18.")
]
Sort = Annotated[str | None, typer.Option(help="Column to sort by; -COLUMN: largest first.")]
Zone = Annotated[
    str | None, typer.Option(help="Zone of the times, as America/New_York; the local one if none.")
]


def zone_name(zone: str | None) -> str:
    """Return the zone that was named, else the local one; raises InputError."""
    name = local_zone() if zone is None else zone
    read_zone(name)
    return name


def selection_of(
    symbol: str | None,
    strategy: str | None,
    account: str | None,
    kind: str | None,
    expiring: str | None,
    now: datetime,
    near: float | None = None,
) -> Selection:
    """Return what the options choose; raises InputError. `now` is in the zone of the days."""
    return Selection(
        near=None if near is None else Decimal(repr(near)),
        symbols=names_in(symbol),
        strategies=names_in(strategy),
        accounts=names_in(account),
        kinds=names_in(kind),
        expiring=None if expiring is None else read_expiring(expiring, now.date()),
    )
