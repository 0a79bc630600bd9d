"""What changed since the day began: opened, closed, more or less of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slotwise.formatting import quantity
from slotwise.portfolio.opening import NOTHING, Openings
from slotwise.portfolio.row import PortfolioRow
from slotwise.precision import stored_quantity
from slotwise.rules.holdings_diff import Moved, What

#: Contracts that are named of each kind of change; more than that is counted.
NAMED = 4
_KINDS: tuple[What, ...] = ("opened", "closed", "changed")


def changes_of_day(openings: Openings, rows: Iterable[PortfolioRow]) -> tuple[Moved, ...]:
    """Return the holdings whose quantity is not that of the start of the day, by contract.

    Empty where that is not known. A holding that the record begins with has not changed.
    """
    if not openings.known:
        return ()
    now = {row.key: row for row in rows}
    found = []
    for key in openings.held.keys() | now.keys():
        opening, row = openings.held.get(key), now.get(key)
        after = NOTHING if row is None else stored_quantity(row.quantity)
        unseen = NOTHING if openings.begun else after
        before = unseen if opening is None else opening.quantity
        if before == after:
            continue
        what: What = "changed"
        if before == NOTHING:
            what = "opened"
        elif after == NOTHING:
            what = "closed"
        found.append(
            Moved(
                what=what,
                account=key[0],
                con_id=key[1],
                contract=openings.name_of(key) if row is None else row.contract,
                before=before,
                after=after,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.contract, one.account, one.con_id)))


def changes_words(changes: Sequence[Moved]) -> str:
    """Write changes in a sentence: `today 1 opened: SPY; 1 changed: QQQ 3 -> 5`; empty for none."""
    parts = []
    for what in _KINDS:
        of = [one for one in changes if one.what == what]
        if not of:
            continue
        named = ", ".join(_name(one) for one in of[:NAMED])
        more = f" and {len(of) - NAMED:,} more" if len(of) > NAMED else ""
        parts.append(f"{len(of):,} {what}: {named}{more}")
    return f"today {'; '.join(parts)}" if parts else ""


def _name(one: Moved) -> str:
    if one.what != "changed":
        return one.contract
    return f"{one.contract} {quantity(one.before)} -> {quantity(one.after)}"
