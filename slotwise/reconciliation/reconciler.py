"""PositionReconciler: the book (positions in the lake) against the broker (positions at IB).

Both sides are compared over the union of their holdings, per account. A report is

    matched   a complete fresh snapshot and the book agree on every holding
    broken    they differ somewhere: each difference is a break, with its cause
    stale     there was no complete fresh snapshot, or no readable book: nothing is known

Unverified is never matched: nor is an account of which the gateway does not know the positions
(`SnapshotHead.unknown`). Then nothing is said of its holdings, and the other accounts are compared.
The report reads no clock and its ids are made from its inputs,
so the same two inputs give the same report.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from slotwise.account import is_in, login_account
from slotwise.clocks import CLOCKS_DIFFER
from slotwise.contract import PositionKey
from slotwise.position import Position, SnapshotHead
from slotwise.reconciliation.break_lifecycle import went_on
from slotwise.reconciliation.causes import Known, causes
from slotwise.reconciliation.difference import AVG_COST_TOLERANCE, Difference, differences, held
from slotwise.reconciliation.evidence import Evidence
from slotwise.reconciliation.report import Break, Report, digest
from slotwise.reconciliation.trades import Explained

#: The name under which `SnapshotHead.unknown` has what is not known of all accounts.
ALL = ""


class PositionReconciler:
    """Compare book and broker."""

    def __init__(self, avg_cost_tolerance: Decimal = AVG_COST_TOLERANCE) -> None:
        self._tolerance = avg_cost_tolerance

    def reconcile(
        self,
        book: Iterable[Position],
        broker: Iterable[Position],
        *,
        snapshot: SnapshotHead,
        requested_at: datetime,
        completed_at: datetime,
        asked_after: bool = False,
        account: str | None = None,
        landing: Collection[PositionKey] = (),
        before: Mapping[PositionKey, Position] | None = None,
        evidence: Evidence | None = None,
        open_breaks: Iterable[Break] = (),
    ) -> Report:
        """Compare the two sides, of one account with its models or of all.

        A snapshot asked for before the request is a stale report. Where it is not known that it was
        `asked_after`, times decide, by more than clocks may differ. `landing` names the holdings
        that have news on their way to the lake, `before` what the gateway knew when the request
        came, `evidence` what the broker says besides, and `open_breaks` those of earlier reports.
        """

        def unknown(reason: str) -> Report:
            return stale(
                reason, requested_at=requested_at, completed_at=completed_at, account=account
            )

        if not asked_after and snapshot.requested_at < requested_at - CLOCKS_DIFFER:
            return unknown(
                f"the newest snapshot was asked for at {snapshot.requested_at:%H:%M:%S}, "
                "before this request: do the clocks of gateway and worker agree?"
            )
        ours, theirs = held(book, account), held(broker, account)
        whole = account if account is None else login_account(account)
        for name in (ALL, *((whole,) if whole else ())):
            if name in snapshot.unknown:
                return unknown(snapshot.unknown[name].of(name))
        away = {key: login_account(key[0]) for key in ours.keys() | theirs.keys()}
        away = {key: name for key, name in away.items() if name in snapshot.unknown}
        ours = {key: position for key, position in ours.items() if key not in away}
        theirs = {key: position for key, position in theirs.items() if key not in away}
        logins = evidence.accounts if evidence is not None else ()
        if account is not None and not ours and not theirs and account not in logins:
            return unknown(f"neither the broker nor the lake has a position in account {account!r}")
        known = Known(at=completed_at, before=before, landing=landing, evidence=evidence)
        found = differences(ours, theirs, logins, self._tolerance)
        why = causes(found, ours, known)
        report_id = _report_id(snapshot.snapshot_id, account, ours.values())
        breaks = tuple(
            _break(report_id, one, why[one.key], completed_at, one.key in landing) for one in found
        )
        doubts = [one for one in breaks if one.cause == "incomplete_snapshot"]
        healed: tuple[Break, ...] = ()
        if not doubts:
            looked_at = (
                b
                for b in open_breaks
                if (account is None or is_in(b.account, account))
                and login_account(b.account) not in snapshot.unknown
            )
            breaks, healed = went_on(breaks, looked_at, report_id, completed_at)
        reasons = [f"the snapshot is doubted: {doubts[0].evidence}"] if doubts else []
        reasons += [snapshot.unknown[name].of(name) for name in sorted(set(away.values()))]
        verified = not doubts and not away
        return Report(
            report_id=report_id,
            status="broken" if breaks and not doubts else "matched" if verified else "stale",
            reason="; ".join(reasons) or None,
            account=account,
            snapshot_id=snapshot.snapshot_id,
            requested_at=requested_at,
            completed_at=completed_at,
            matched=len(ours.keys() | theirs.keys()) - len(breaks),
            breaks=breaks,
            healed=healed,
        )


def stale(
    reason: str, *, requested_at: datetime, completed_at: datetime, account: str | None
) -> Report:
    """Report that nothing is known, and why."""
    return Report(
        report_id=digest("stale", str(account), requested_at.isoformat()),
        status="stale",
        reason=reason,
        account=account,
        snapshot_id=None,
        requested_at=requested_at,
        completed_at=completed_at,
        matched=0,
        breaks=(),
    )


def _break(
    report_id: str, found: Difference, why: Explained, found_at: datetime, under_way: bool
) -> Break:
    book, broker = found.book, found.broker
    break_id = digest(report_id, found.account, str(found.con_id), found.kind)
    cause, evidence = why
    return Break(
        break_id=break_id,
        report_id=report_id,
        life_id=break_id,
        state="new",
        account=found.account,
        con_id=found.con_id,
        symbol=found.contract.label,
        kind=found.kind,
        cause=cause,
        evidence=evidence,
        book_quantity=book.quantity if book else None,
        broker_quantity=broker.quantity if broker else None,
        book_avg_cost=book.avg_cost if book else None,
        broker_avg_cost=broker.avg_cost if broker else None,
        book_observed_at=book.observed_at if book else None,
        broker_observed_at=broker.observed_at if broker else None,
        found_at=found_at,
        first_found_at=found_at,
        runs=1,
        lived_s=None,
        under_way=under_way,
    )


def _report_id(snapshot_id: str, account: str | None, book: Iterable[Position]) -> str:
    state = sorted(f"{p.account}|{p.contract.con_id}|{p.quantity}|{p.avg_cost}" for p in book)
    return digest(snapshot_id, str(account), *state)
