"""Profit of an account as IB reports it, compared with the one from holdings and marks here.

IB sends for each account what it gained today, what its holdings have gained since they were
bought, and what was realised today. The first two are compared, in the base currency: they agree
where they are no further apart than the summed bands of all marks, and a share of what is held for
the moments at which either side looked. What disagrees is a finding with a cause:

| cause | what is seen |
|---|---|
| trades | something was realised today, and the day's profit alone is off |
| close | the day's profit alone is off: another previous close, or another start of the day |
| cost | the open profit is off, the day's agrees: IB counts another average cost |
| marks | both are off by much the same: IB's prices of holdings are others |
| unknown | both are off, by different amounts |

What is not known is not compared: a holding without a price, close or cost leaves its sum unknown,
and so does IB's number for none. A finding counts once two successive messages of IB agree on it.
Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

Measure: TypeAlias = Literal["daily", "unrealized"]
ProfitCause: TypeAlias = Literal["trades", "close", "cost", "marks", "unknown"]
#: Share of the money held that both sides may be apart by: they look at different moments.
SMALLEST = Decimal("0.002")
#: Both differences are much the same within this share of the larger.
ALIKE = Decimal("0.25")


class AccountProfit(msgspec.Struct, frozen=True, kw_only=True):
    """The profit that IB reports for an account, in its base currency; None is not reported."""

    account: str
    daily: Decimal | None
    unrealized: Decimal | None
    realized: Decimal | None
    at: datetime


class OurProfit(msgspec.Struct, frozen=True, kw_only=True):
    """The profit by holdings and marks here, in the base currency; None where a part is unknown.

    `band` is the sum of the bands that are known and `held` that of all holdings, both without
    signs. `lacking` counts the holdings whose profit of the day, or since they were bought, is
    unknown.
    """

    currency: str
    daily: Decimal | None
    unrealized: Decimal | None
    band: Decimal
    held: Decimal
    lacking_daily: int = 0
    lacking_unrealized: int = 0


class ProfitFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One disagreement, in the base currency; `theirs` is IB's."""

    account: str
    measure: Measure
    cause: ProfitCause
    theirs: Decimal
    ours: Decimal
    allowed: Decimal
    at: datetime


def findings_of(reported: AccountProfit, ours: OurProfit) -> tuple[ProfitFinding, ...]:
    """Compare IB's profit with the one computed here; return nothing where they agree."""
    allowed = ours.band + SMALLEST * ours.held
    day = _difference(reported.daily, ours.daily)
    open_ = _difference(reported.unrealized, ours.unrealized)
    day_off = day is not None and abs(day) > allowed
    open_off = open_ is not None and abs(open_) > allowed
    found: list[ProfitFinding] = []

    def add(measure: Measure, cause: ProfitCause) -> None:
        theirs, mine = getattr(reported, measure), getattr(ours, measure)
        found.append(
            ProfitFinding(
                account=reported.account, measure=measure, cause=cause,
                theirs=theirs, ours=mine, allowed=allowed, at=reported.at,
            )
        )  # fmt: skip

    if day_off and open_off and day is not None and open_ is not None:
        alike = abs(day - open_) <= ALIKE * max(abs(day), abs(open_))
        add("daily", "marks" if alike else "unknown")
        add("unrealized", "marks" if alike else "unknown")
    elif day_off:
        add("daily", _cause_of_day(reported, agrees=open_ is not None))
    elif open_off:
        add("unrealized", "cost" if day is not None else "unknown")
    return tuple(found)


def _cause_of_day(reported: AccountProfit, *, agrees: bool) -> ProfitCause:
    if reported.realized is not None and reported.realized:
        return "trades"
    return "close" if agrees else "unknown"


def _difference(theirs: Decimal | None, ours: Decimal | None) -> Decimal | None:
    return None if theirs is None or ours is None else theirs - ours


class ProfitBook:
    """The findings that stand, by account and measure."""

    def __init__(self) -> None:
        self._last: dict[str, Mapping[Measure, ProfitFinding]] = {}
        #: Findings that count, by account.
        self.standing: dict[str, tuple[ProfitFinding, ...]] = {}

    def take(self, account: str, found: tuple[ProfitFinding, ...]) -> tuple[ProfitFinding, ...]:
        """Take the findings of one message of IB; return those that begin to count."""
        before, known = self._last.get(account, {}), self.standing.get(account, ())
        counts = tuple(
            one for one in found if one.measure in before and before[one.measure].at < one.at
        )
        self._last[account] = {one.measure: one for one in found}
        stood = {(one.measure, one.cause) for one in known}
        # The same message read once more is neither a second one nor the end of a finding.
        again = {one.measure for one in found} - {one.measure for one in counts}
        kept = tuple(one for one in known if one.measure in again)
        self.standing[account] = counts + kept
        return tuple(one for one in counts if (one.measure, one.cause) not in stood)
