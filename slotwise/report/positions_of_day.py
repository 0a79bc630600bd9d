"""Which positions were opened, closed, changed or expired on a day, from `position_updates`.

A holding that is new is opened, unless its whole account is: then it is not known since when it
is held, and it is only counted. What is closed has expired when its last trading day was over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from slotwise.account import login_account
from slotwise.contract import Contract
from slotwise.lake.query_parts import timestamp
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.reconciliation.report import Break
from slotwise.report.day import Move, MoveKind, Positions
from slotwise.report.span import Span
from slotwise.report.sql import landed_since

#: How far before the day rows are read to know what was held. Each holding lands with every poll,
#: so this bridges a machine that rested over the longest weekend.
LOOK_BACK = timedelta(days=5)
#: Where and when a contract's last day is over: the close of the American options market.
LAST_DAY_IN, LAST_HOUR = ZoneInfo("America/New_York"), time(16)
#: Causes with which a contract ends by itself.
ENDS = frozenset(("expired", "assigned", "exercised"))
NOTHING = Decimal(0)


class Holding(msgspec.Struct, frozen=True):
    """Hold what was recorded of a holding within the day, None where nothing was, and before it."""

    account: str
    con_id: int
    symbol: str
    local_symbol: str
    sec_type: str
    currency: str
    expiry: str
    strike: Decimal | None
    right: str
    before: Decimal | None
    first_at: datetime | None
    low: Decimal | None
    high: Decimal | None

    @property
    def is_held(self) -> bool:
        """Return whether there was any of it at some time of the day."""
        return bool(self.low or self.high)

    @property
    def label(self) -> str:
        """Return the contract in a few words."""
        return Contract(
            con_id=self.con_id,
            symbol=self.symbol,
            local_symbol=self.local_symbol,
            sec_type=self.sec_type,
            expiry=self.expiry,
            strike=self.strike,
            right=self.right,
            currency=self.currency,
        ).label


class Step(msgspec.Struct, frozen=True):
    """Hold a quantity and the one before it, None where none is known."""

    account: str
    con_id: int
    at: datetime
    before: Decimal | None
    after: Decimal


def positions_of_day(lake: Lake, span: Span, breaks: Iterable[Break] = ()) -> Positions:
    """Read the day's moves; `breaks` say why some came about. Raises LakeError."""
    causes = {one.key: one.cause for one in breaks}
    holdings = {(one.account, one.con_id): one for one in _holdings(lake, span)}
    sighted = [one for one in holdings.values() if one.first_at is not None]
    known = {login_account(one.account) for one in holdings.values() if one.before is not None}
    moves, first_seen = [], 0
    for step in sorted([*_only_steps(sighted), *_steps(lake, span, sighted)], key=_order):
        if step.before is None and login_account(step.account) not in known:
            first_seen += step.after != 0
        elif (step.before or NOTHING) != step.after:
            holding = holdings[step.account, step.con_id]
            moves.append(_move(step, holding, causes.get((step.account, step.con_id))))
    return Positions(sum(one.is_held for one in sighted), first_seen, tuple(moves))


def kind_of(before: Decimal, after: Decimal, expiry: str, at: datetime) -> MoveKind:
    """Return the kind of a change of quantity; the contract's last day is YYYYMMDD or empty.

    What leaves on its last day before the close was traded, as far as is known.
    """
    if not before:
        return "opened"
    if after:
        return "changed"
    there = at.astimezone(LAST_DAY_IN)
    over = bool(expiry) and (f"{there:%Y%m%d}", there.time()) >= (expiry, LAST_HOUR)
    return "expired" if over else "closed"


def _move(step: Step, holding: Holding, cause: str | None) -> Move:
    before = step.before or NOTHING
    kind = kind_of(before, step.after, holding.expiry, step.at)
    return Move(
        at=step.at,
        kind="expired" if kind == "closed" and cause in ENDS else kind,
        account=step.account,
        con_id=step.con_id,
        contract=holding.label,
        before=before,
        after=step.after,
        cause=cause,
    )


def _order(step: Step) -> tuple[datetime, str, int]:
    return step.at, step.account, step.con_id


def _holdings(lake: Lake, span: Span) -> list[Holding]:
    """Read what was recorded of each holding in the day, and last before it."""
    in_day = f"observed_at >= {timestamp(span.begin)}"
    rows = ask(
        lake,
        f"""
        SELECT account, con_id, coalesce(max(symbol), '') AS symbol,
            coalesce(max(local_symbol), '') AS local_symbol,
            coalesce(max(sec_type), '') AS sec_type,
            coalesce(max(currency), 'USD') AS currency, coalesce(max(expiry), '') AS expiry,
            max(strike) AS strike, coalesce(max("right"), '') AS "right",
            first_value(quantity ORDER BY observed_at DESC, landed_at DESC)
                FILTER (WHERE NOT {in_day}) AS before,
            min(observed_at) FILTER (WHERE {in_day}) AS first_at,
            min(quantity) FILTER (WHERE {in_day}) AS low,
            max(quantity) FILTER (WHERE {in_day}) AS high
        FROM position_updates WHERE {_time_limits(span)} GROUP BY account, con_id
        """,
        "position_updates",
    )
    return msgspec.convert(rows, list[Holding])


def _only_steps(holdings: Iterable[Holding]) -> list[Step]:
    """Return the first step of each holding whose quantity was one and the same all day."""
    return [
        Step(one.account, one.con_id, one.first_at, one.before, one.low)
        for one in holdings
        if one.first_at is not None and one.low is not None and one.low == one.high
    ]


def _steps(lake: Lake, span: Span, holdings: Iterable[Holding]) -> list[Step]:
    """Read each change of the holdings that had several quantities within the day.

    Most have one, so that of a large table few rows are to be sorted.
    """
    restless = {(one.account, one.con_id): one for one in holdings if one.low != one.high}
    if not restless:
        return []
    con_ids = ", ".join(str(con_id) for con_id in sorted({con_id for _, con_id in restless}))
    rows = ask(
        lake,
        f"""
        SELECT account, con_id, at, before, after FROM (
            SELECT account, con_id, observed_at AS at, quantity AS after,
                lag(quantity) OVER (
                    PARTITION BY account, con_id ORDER BY observed_at, landed_at
                ) AS before
            FROM position_updates
            WHERE {_time_limits(span)} AND observed_at >= {timestamp(span.begin)}
                AND con_id IN ({con_ids})
        ) WHERE before IS NULL OR before <> after
        """,
        "position_updates",
    )
    steps = []
    for step in msgspec.convert(rows, list[Step]):
        holding = restless.get((step.account, step.con_id))
        if holding is not None:
            entered = holding.before if step.before is None else step.before
            steps.append(msgspec.structs.replace(step, before=entered))
    return steps


def _time_limits(span: Span) -> str:
    return f"{landed_since(span.begin - LOOK_BACK)} AND observed_at < {timestamp(span.until)}"
