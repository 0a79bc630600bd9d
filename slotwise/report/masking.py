"""A day without account numbers: what a report shows where they were not asked for."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from slotwise.account import SHOWN, login_account, masked, masked_in
from slotwise.report.day import Day


def without_accounts(day: Day) -> Day:
    """Mask every account, also where a text names one."""
    known = _accounts(day)

    def text(value: str) -> str:
        # Longest first: an account's name may begin with another's.
        for account in sorted(known, key=len, reverse=True):
            value = value.replace(account, masked(account))
        return masked_in(value)

    def maybe(value: str | None) -> str | None:
        return None if value is None else text(value)

    lines, found, positions = day.lines, day.reconciliations, day.positions
    blind = tuple(
        replace(
            one,
            symbol=text(one.symbol),
            times=tuple(replace(time, reason=text(time.reason)) for time in one.times),
        )
        for one in lines.blind
    )
    reports = tuple(
        replace(one, account=one.account and masked(one.account), reason=maybe(one.reason))
        for one in found.reports
    )
    breaks = tuple(
        replace(one, account=masked(one.account), evidence=text(one.evidence))
        for one in found.breaks
    )
    fills = tuple(replace(one, account=masked(one.account)) for one in day.fills)
    moves = tuple(replace(one, account=masked(one.account)) for one in positions.moves)
    return replace(
        day,
        lines=replace(lines, blind=blind),
        reconciliations=replace(found, reports=reports, breaks=breaks),
        positions=replace(positions, moves=moves),
        fills=fills,
    )


def _accounts(day: Day) -> Collection[str]:
    """Return the accounts whose number is long enough to be hidden."""
    names = {
        *(one.account or "" for one in day.reconciliations.reports),
        *(one.account for one in day.reconciliations.breaks),
        *(one.account for one in day.positions.moves),
        *(one.account for one in day.fills),
    }
    return {name for name in map(login_account, names) if len(name) > SHOWN}
