"""What was held at the start of a day, as the lake has it (`slotwise.portfolio.opening`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import pyarrow as pa

from slotwise.contract import PositionKey
from slotwise.errors import LakeError
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.executions import executions_between
from slotwise.lake.newest import usable
from slotwise.lake.query_parts import column_list, first_of_each, timestamp
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.sql import ask, ask_arrow
from slotwise.lake.store import Lake
from slotwise.portfolio.opening import NOTHING, Opening, Openings, Trade, start_of_day
from slotwise.rules.holdings_diff import label

#: Time that a record takes to begin: the first poll of 10,000 holdings has landed by then. What is
#: first seen later on that day was opened on it.
BEGINNING = timedelta(minutes=10)

_TABLE = POSITION_UPDATES.name
#: Columns that name a contract in words (`holdings_diff.label`).
_NAMES = ("con_id", "symbol", "local_symbol", "sec_type", "expiry", "strike", "right", "currency")


def openings_of_day(lake: Lake, at: datetime, known_at: datetime | None = None) -> Openings:
    """Read what was held when the day of a time began.

    On the day on which the record begins it is the first state of each holding. Raises LakeError.
    """
    begin = start_of_day(at)
    known = "" if known_at is None else f" AND landed_at <= {timestamp(known_at.astimezone(UTC))}"
    [found] = ask(
        lake, f"SELECT min(observed_at) AS first FROM {_TABLE} WHERE {usable()}{known}", _TABLE
    )
    first = found["first"]
    if first is None:
        return Openings()
    if first < begin:
        rows = positions_as_of(lake, begin, known_at)
        held = rows.select(["account", "con_id", "quantity", "avg_cost"])
        return Openings(
            known=True,
            begun=True,
            trades=trades_since(lake, begin, at, known_at=known_at),
            name_of=_names_of(rows),
            held={
                (row["account"], row["con_id"]): Opening(
                    quantity=row["quantity"], avg_cost=row["avg_cost"]
                )
                for row in held.to_pylist()
            },
        )
    return _first_states(
        lake, first, known, trades_of=partial(trades_since, lake, begin, at, known_at=known_at)
    )


def read_openings(lake: Lake, at: datetime) -> Openings:
    """Read what was held when the day of a time began; not known where the lake is away."""
    try:
        return openings_of_day(lake, at)
    except LakeError:
        return Openings()


def trades_since(
    lake: Lake,
    begin: datetime,
    at: datetime,
    seen_at: Mapping[PositionKey, datetime] = {},
    known_at: datetime | None = None,
) -> dict[PositionKey, tuple[Trade, ...]]:
    """Read what was executed by a time since the day began, or since a holding was first seen.

    Raises LakeError.
    """
    found: dict[PositionKey, list[Trade]] = {}
    for one in executions_between(lake, begin, at, known_at=known_at):
        key = one.account, one.con_id
        # TWS gives seconds.
        if key not in seen_at or one.at >= seen_at[key].replace(microsecond=0):
            known = one.commission if one.commission_currency == one.currency else None
            found.setdefault(key, []).append(Trade(one.quantity, one.price, known))
    return {key: tuple(trades) for key, trades in found.items()}


def _first_states(
    lake: Lake,
    first: datetime,
    known: str,
    trades_of: Callable[[Mapping[PositionKey, datetime]], Mapping[PositionKey, tuple[Trade, ...]]],
) -> Openings:
    rows = ask_arrow(
        lake,
        first_of_each(
            f"account, quantity, avg_cost, observed_at, {column_list(_NAMES)}",
            f"{_TABLE} WHERE {usable()}{known}",
            per="account, con_id",
            order="coalesce(sequence, 0), observed_at, coalesce(landing, 0)",
        ),
        _TABLE,
    )
    held, seen_at = {}, {}
    for row in rows.select(
        ["account", "con_id", "quantity", "avg_cost", "observed_at"]
    ).to_pylist():
        opened = row["observed_at"] > first + BEGINNING
        if not opened:
            seen_at[row["account"], row["con_id"]] = row["observed_at"]
        held[(row["account"], row["con_id"])] = (
            Opening(quantity=NOTHING)
            if opened
            else Opening(
                quantity=row["quantity"],
                avg_cost=row["avg_cost"],
                assumed=True,
            )
        )
    return Openings(
        known=True, held=held, seen_at=seen_at, trades=trades_of(seen_at), name_of=_names_of(rows)
    )


def _names_of(rows: pa.Table) -> Callable[[PositionKey], str]:
    """Return what names a holding's contract, by the rows that have it."""

    def name(key: PositionKey) -> str:
        con_ids = rows["con_id"].to_pylist()
        if key[1] not in con_ids:
            return str(key[1])
        return label(rows.slice(con_ids.index(key[1]), 1).to_pylist()[0])

    return name
