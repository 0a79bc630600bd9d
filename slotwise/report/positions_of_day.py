"""Which positions were opened, closed, changed or expired on a day, from `position_updates`.

A holding that is new is opened, unless its whole account is: then nobody can tell since when it
is held, and it is only counted. What is closed has expired when its last trading day was over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from slotwise.account import login_account
from slotwise.contract import Contract, PositionKey
from slotwise.lake.queries import ask
from slotwise.lake.store import Lake
from slotwise.reconciliation.report import Break
from slotwise.report.day import Move, MoveKind, Positions
from slotwise.report.span import Span
from slotwise.report.sql import landed_since, moment

#: How far before the day rows are read to know what was held. Each holding lands with every poll,
#: so this bridges a machine that rested over the longest weekend.
LOOK_BACK = timedelta(days=5)
#: Where and when a contract's last day is over: the close of the American options market.
LAST_DAY_IN, LAST_HOUR = ZoneInfo("America/New_York"), time(16)
#: Causes with which a contract ends by itself.
ENDS = frozenset(("expired", "assigned", "exercised"))


def positions_of_day(lake: Lake, span: Span, breaks: Iterable[Break] = ()) -> Positions:
    """Read the day's moves; `breaks` say why some came about. Raises LakeError."""
    causes = {one.key: one.cause for one in breaks}
    told = f"{landed_since(span.begin - LOOK_BACK)} AND observed_at < {moment(span.begin)}"
    accounts = {
        login_account(row["account"])
        for row in ask(
            lake, f"SELECT DISTINCT account FROM position_updates WHERE {told}", "position_updates"
        )
    }
    moves, first_seen = [], 0
    for row in _steps(lake, span):
        if row["before"] is None and login_account(row["account"]) not in accounts:
            first_seen += row["quantity"] != 0
        else:
            made = _move(row, causes)
            moves += [made] if made is not None else []
    return Positions(_holdings(lake, span), first_seen, tuple(moves))


def kind_of(before: Decimal, after: Decimal, expiry: str, at: datetime) -> MoveKind:
    """Name a move from one quantity to another, of a contract whose last day is YYYYMMDD or none.

    What leaves on its last day before the close was traded, for all that anybody can tell.
    """
    if not before:
        return "opened"
    if after:
        return "changed"
    there = at.astimezone(LAST_DAY_IN)
    over = bool(expiry) and (f"{there:%Y%m%d}", there.time()) >= (expiry, LAST_HOUR)
    return "expired" if over else "closed"


def _move(row: Mapping[str, Any], causes: Mapping[PositionKey, str]) -> Move | None:
    before, after = row["before"] or Decimal(0), row["quantity"]
    if before == after:
        return None
    cause = causes.get((row["account"], row["con_id"]))
    kind = kind_of(before, after, row["expiry"] or "", row["observed_at"])
    names = ("con_id", "symbol", "sec_type", "expiry", "strike", "right")
    return Move(
        at=row["observed_at"],
        kind="expired" if kind == "closed" and cause in ENDS else kind,
        account=row["account"],
        con_id=row["con_id"],
        contract=Contract(
            **{"symbol": "", "sec_type": ""}
            | {name: row[name] for name in names if row[name] is not None}
        ).label,
        before=before,
        after=after,
        cause=cause,
    )


def _steps(lake: Lake, span: Span) -> list[dict[str, Any]]:
    """Read the rows of the day with another quantity than the row before, null where none is."""
    return ask(
        lake,
        f"""
        WITH told AS (
            SELECT account, con_id, symbol, sec_type, expiry, strike, "right", quantity,
                observed_at, landed_at, observed_at >= {moment(span.begin)} AS in_day
            FROM position_updates
            WHERE {landed_since(span.begin - LOOK_BACK)} AND observed_at < {moment(span.until)}
        ), before AS (
            SELECT account, con_id,
                first_value(quantity ORDER BY observed_at DESC, landed_at DESC) AS quantity
            FROM told WHERE NOT in_day GROUP BY account, con_id
        ), moved AS (
            -- Most holdings do not move: only the others are sorted.
            SELECT d.account, d.con_id, b.quantity AS entered FROM (
                SELECT account, con_id, min(quantity) AS low, max(quantity) AS high
                FROM told WHERE in_day GROUP BY account, con_id
            ) d LEFT JOIN before b ON d.account = b.account AND d.con_id = b.con_id
            WHERE d.low <> d.high OR b.quantity IS NULL OR b.quantity <> d.low
        ), steps AS (
            SELECT told.*, coalesce(
                lag(told.quantity) OVER (
                    PARTITION BY told.account, told.con_id ORDER BY observed_at, landed_at
                ), moved.entered) AS before
            FROM told JOIN moved ON told.account = moved.account AND told.con_id = moved.con_id
            WHERE told.in_day
        )
        SELECT * FROM steps WHERE before IS NULL OR before <> quantity
        ORDER BY observed_at, account, con_id
        """,
        "position_updates",
    )


def _holdings(lake: Lake, span: Span) -> int:
    [row] = ask(
        lake,
        f"""
        SELECT count(*) AS holdings FROM (
            SELECT DISTINCT account, con_id FROM position_updates
            WHERE {landed_since(span.begin)} AND quantity <> 0
                AND observed_at >= {moment(span.begin)} AND observed_at < {moment(span.until)}
        )
        """,
        "position_updates",
    )
    return int(row["holdings"])
