"""The result of a reconciliation: one report, and its breaks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from slotwise.account import masked, masked_in
from slotwise.contract import PositionKey

Kind: TypeAlias = Literal[
    "missing_in_book", "missing_at_broker", "quantity", "avg_cost", "account_unknown"
]
Cause: TypeAlias = Literal[
    "late_landing",
    "fill",
    "manual_trade",
    "expired",
    "assigned",
    "exercised",
    "split",
    "multiplier_changed",
    "incomplete_snapshot",
    "unknown",
]
Status: TypeAlias = Literal["matched", "broken", "stale"]
#: A break is new in the report that finds it, confirmed in the next one that finds it still, and
#: healed in the first that does not.
State: TypeAlias = Literal["new", "confirmed", "healed"]


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one difference between book and broker, as one report found it.

    A missing side is None. `life_id` names the difference through all reports that find it, and
    `first_found_at`, `runs` and `lived_s` describe its life; `lived_s` is None until it healed.
    `evidence` says in words what the cause was seen from.
    """

    break_id: str
    report_id: str
    life_id: str
    state: State
    account: str
    con_id: int
    symbol: str
    kind: Kind
    cause: Cause
    evidence: str
    book_quantity: Decimal | None
    broker_quantity: Decimal | None
    book_avg_cost: Decimal | None
    broker_avg_cost: Decimal | None
    book_observed_at: datetime | None
    broker_observed_at: datetime | None
    found_at: datetime
    first_found_at: datetime
    runs: int
    lived_s: float | None
    #: Whether news of the holding was on its way to the lake.
    under_way: bool = False

    @property
    def key(self) -> PositionKey:
        return self.account, self.con_id


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the outcome of one reconciliation; `healed` are breaks of earlier ones."""

    report_id: str
    status: Status
    reason: str | None
    account: str | None
    snapshot_id: str | None
    requested_at: datetime
    completed_at: datetime
    matched: int
    breaks: tuple[Break, ...]
    healed: tuple[Break, ...] = ()
    #: Holdings whose broker's state was landed as a new observation (`--heal`).
    mended: int = 0

    @property
    def counts(self) -> Mapping[Kind, int]:
        """Count the breaks by their kind."""
        found: dict[Kind, int] = {}
        for one in self.breaks:
            found[one.kind] = found.get(one.kind, 0) + 1
        return found


def without_accounts(report: Report, shown: Callable[[str], str] = masked) -> Report:
    """Return a report whose accounts are masked, also where a text names one."""

    def hidden(one: Break) -> Break:
        name = shown(one.account)
        text = masked_in(one.evidence.replace(one.account, name))
        return msgspec.structs.replace(one, account=name, evidence=text)

    return msgspec.structs.replace(
        report,
        account=report.account and shown(report.account),
        reason=report.reason and masked_in(report.reason),
        breaks=tuple(map(hidden, report.breaks)),
        healed=tuple(map(hidden, report.healed)),
    )


def digest(*parts: str) -> str:
    """Make an id of its parts."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=10).hexdigest()
