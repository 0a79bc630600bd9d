"""PositionReconciler: the book (what the lake says) against the broker (what IB says).

Both sides are compared over the union of their holdings, per account. A report is

    matched   a complete fresh snapshot and the book agree on every holding
    broken    they differ somewhere: each difference is a break
    stale     there was no complete fresh snapshot, or no readable book: nothing is known

Unverified is never matched. The report reads no clock and its ids are made from its inputs,
so the same two inputs give the same report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from slotwise.contract import PositionKey
from slotwise.position import Position, SnapshotHead

Kind: TypeAlias = Literal["missing_in_book", "missing_at_broker", "quantity", "avg_cost"]
Cause: TypeAlias = Literal["late_landing", "unknown"]
Status: TypeAlias = Literal["matched", "broken", "stale"]

#: Largest difference of average cost, as a fraction, that is not a break: IB's own rounding.
AVG_COST_TOLERANCE = Decimal("0.0001")


class Holding(msgspec.Struct, frozen=True):
    """Hold one side's view of one contract in one account."""

    account: str
    con_id: int
    symbol: str
    quantity: Decimal
    avg_cost: Decimal
    observed_at: datetime

    @property
    def key(self) -> PositionKey:
        return self.account, self.con_id

    @classmethod
    def of(cls, position: Position) -> Holding:
        """See a position as a holding."""
        contract = position.contract
        return cls(
            position.account,
            contract.con_id,
            contract.symbol,
            position.quantity,
            position.avg_cost,
            position.observed_at,
        )


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one difference between book and broker; a missing side is None."""

    break_id: str
    report_id: str
    account: str
    con_id: int
    symbol: str
    kind: Kind
    cause: Cause
    book_quantity: Decimal | None
    broker_quantity: Decimal | None
    book_avg_cost: Decimal | None
    broker_avg_cost: Decimal | None
    book_observed_at: datetime | None
    broker_observed_at: datetime | None
    found_at: datetime


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the outcome of one reconciliation."""

    report_id: str
    status: Status
    reason: str | None
    account: str | None
    snapshot_id: str | None
    requested_at: datetime
    completed_at: datetime
    matched: int
    breaks: tuple[Break, ...]


class PositionReconciler:
    """Compare book and broker."""

    def __init__(self, avg_cost_tolerance: Decimal = AVG_COST_TOLERANCE) -> None:
        self._tolerance = avg_cost_tolerance

    def reconcile(
        self,
        book: Iterable[Holding],
        broker: Iterable[Position],
        *,
        snapshot: SnapshotHead,
        requested_at: datetime,
        completed_at: datetime,
        account: str | None = None,
        landing: Collection[PositionKey] = (),
    ) -> Report:
        """Compare the two sides, of one account or of all.

        A snapshot asked for before the request is a stale report. `landing` names the holdings
        that are on their way to the lake: a break in one of them, whose book side is older than
        the snapshot, is caused by a late landing.
        """
        if snapshot.requested_at < requested_at:
            return stale(
                f"the newest snapshot was asked for at {snapshot.requested_at:%H:%M:%S}, "
                "before this request",
                requested_at=requested_at,
                completed_at=completed_at,
                account=account,
            )
        ours_all, theirs_all = list(book), [Holding.of(position) for position in broker]
        if account is not None and account not in {h.account for h in (*ours_all, *theirs_all)}:
            return stale(
                f"neither the broker nor the lake has a position in account {account!r}",
                requested_at=requested_at,
                completed_at=completed_at,
                account=account,
            )
        ours, theirs = _side(ours_all, account), _side(theirs_all, account)
        report_id = _report_id(snapshot.snapshot_id, account, ours.values())
        breaks = []
        for key in sorted(ours.keys() | theirs.keys()):
            mine, theirs_here = ours.get(key), theirs.get(key)
            kind = self._difference(mine, theirs_here)
            if kind is not None:
                old = mine is None or mine.observed_at < snapshot.requested_at
                cause: Cause = "late_landing" if old and key in landing else "unknown"
                breaks.append(_break(report_id, mine, theirs_here, kind, cause, completed_at))
        return Report(
            report_id=report_id,
            status="broken" if breaks else "matched",
            reason=None,
            account=account,
            snapshot_id=snapshot.snapshot_id,
            requested_at=requested_at,
            completed_at=completed_at,
            matched=len(ours.keys() | theirs.keys()) - len(breaks),
            breaks=tuple(breaks),
        )

    def _difference(self, book: Holding | None, broker: Holding | None) -> Kind | None:
        if book is None:
            return "missing_in_book"
        if broker is None:
            return "missing_at_broker"
        if book.quantity != broker.quantity:
            return "quantity"
        allowed = abs(broker.avg_cost) * self._tolerance
        if abs(book.avg_cost - broker.avg_cost) > allowed:
            return "avg_cost"
        return None


def stale(
    reason: str, *, requested_at: datetime, completed_at: datetime, account: str | None
) -> Report:
    """Report that nothing is known, and why."""
    return Report(
        report_id=_digest("stale", str(account), requested_at.isoformat()),
        status="stale",
        reason=reason,
        account=account,
        snapshot_id=None,
        requested_at=requested_at,
        completed_at=completed_at,
        matched=0,
        breaks=(),
    )


def _side(holdings: Iterable[Holding], account: str | None) -> dict[PositionKey, Holding]:
    return {
        holding.key: holding
        for holding in holdings
        if holding.quantity != 0 and account in (None, holding.account)
    }


def _break(
    report_id: str,
    book: Holding | None,
    broker: Holding | None,
    kind: Kind,
    cause: Cause,
    found_at: datetime,
) -> Break:
    known = broker or book
    assert known is not None, "a break has at least one side"
    return Break(
        break_id=_digest(report_id, known.account, str(known.con_id), kind),
        report_id=report_id,
        account=known.account,
        con_id=known.con_id,
        symbol=known.symbol,
        kind=kind,
        cause=cause,
        book_quantity=book.quantity if book else None,
        broker_quantity=broker.quantity if broker else None,
        book_avg_cost=book.avg_cost if book else None,
        broker_avg_cost=broker.avg_cost if broker else None,
        book_observed_at=book.observed_at if book else None,
        broker_observed_at=broker.observed_at if broker else None,
        found_at=found_at,
    )


def _report_id(snapshot_id: str, account: str | None, book: Iterable[Holding]) -> str:
    state = sorted(f"{h.account}|{h.con_id}|{h.quantity}|{h.avg_cost}" for h in book)
    return _digest(snapshot_id, str(account), *state)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=10).hexdigest()
