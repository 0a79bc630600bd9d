"""The life of a break: through all reports that find it, until one does not.

Rules:
* A break goes on where the next report of its account finds the same kind of difference, and the
  book has learnt nothing of the holding meanwhile: it says the same, or nothing newer than what
  the last report compared it with. Then it is confirmed.
* One that is on its way is confirmed only when it has lived for as long as a landing may take.
* Else it has healed, and what is found now is new.
* A report that verified nothing changes no life.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from slotwise.reconciliation.report import Break, digest

#: How long news may take to land, three beats: what is on its way is not confirmed before.
LANDS_WITHIN = timedelta(seconds=15)


def went_on(
    found: Iterable[Break],
    before: Iterable[Break],
    report_id: str,
    now: datetime,
) -> tuple[tuple[Break, ...], tuple[Break, ...]]:
    """Return breaks with their history so far, and the ones that have healed.

    `before` holds the open breaks of earlier reports, of what this report has looked at.
    """
    open_ = {one.key: one for one in before}
    alive = []
    for one in found:
        earlier = open_.get(one.key)
        if earlier is not None and _same(earlier, one):
            del open_[one.key]
            alive.append(_goes_on(earlier, one, now))
        else:
            alive.append(one)
    return tuple(alive), tuple(healed(one, report_id, now) for one in open_.values())


def healed(one: Break, report_id: str, now: datetime) -> Break:
    """End the life of a break that is no more."""
    return msgspec.structs.replace(
        one,
        break_id=digest(report_id, one.life_id, "healed"),
        report_id=report_id,
        state="healed",
        found_at=now,
        lived_s=round((now - one.first_found_at).total_seconds(), 3),
    )


def _goes_on(earlier: Break, one: Break, now: datetime) -> Break:
    if earlier.report_id == one.report_id:
        # The same two inputs once more: no other report.
        state, runs = earlier.state, earlier.runs
    else:
        young = one.under_way and now - earlier.first_found_at < LANDS_WITHIN
        state, runs = ("new", 1) if young else ("confirmed", earlier.runs + 1)
    return msgspec.structs.replace(
        one,
        life_id=earlier.life_id,
        first_found_at=earlier.first_found_at,
        state=state,
        runs=runs,
    )


def _same(earlier: Break, one: Break) -> bool:
    if earlier.kind != one.kind:
        return False
    is_same = (one.book_quantity, one.book_avg_cost) == (
        earlier.book_quantity,
        earlier.book_avg_cost,
    )
    learnt = one.book_observed_at is not None and one.book_observed_at > earlier.found_at
    return is_same or not learnt
