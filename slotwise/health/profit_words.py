"""Profits by IB beside those computed here, one plain line for each account."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from slotwise.bus.witness_status import ProfitStatus, WitnessStatus
from slotwise.formatting import counted
from slotwise.health.checks import Check

#: The cause of a disagreement, in words.
CAUSES = {
    "trades": "something was realised today, which is not in the sum here",
    "close": "another previous close, or another start of the day",
    "cost": "IB counts another average cost",
    "marks": "IB's prices of holdings are others",
    "unknown": "the cause is not known",
}


def profit_words(witness: WitnessStatus) -> Iterator[str]:
    """Yield a line for each account whose profit IB was asked for."""
    for one in witness.profits:
        yield f"profit by IB, {one.account}: {_words(one)}"


def profit_checks(witness: WitnessStatus) -> list[Check]:
    """Return a row for each account's profit, a warning where it disagrees or does not come."""
    rows = []
    for one in witness.profits:
        advice = "slotwise lines lists the holdings whose marks disagree" if one.found else ""
        is_well = not one.found and not one.trouble
        rows.append(
            Check(f"profit {one.account}", "ok" if is_well else "warn", _words(one), advice)
        )
    return rows


def _words(one: ProfitStatus) -> str:
    if one.trouble:
        return f"none comes: {one.trouble}"
    parts = []
    for measure, name, theirs, ours, lacking in (
        ("daily", "today", one.daily, one.our_daily, one.lacking_daily),
        ("unrealized", "open", one.unrealized, one.our_unrealized, one.lacking_unrealized),
    ):
        here = f"{_money(ours)} here"
        if ours is None and lacking:
            here = f"not known here, for {counted(lacking, 'holding')}"
        cause = one.found.get(measure)
        disagrees = f", disagrees: {CAUSES.get(cause, cause)}" if cause else ""
        parts.append(f"{name} {_money(theirs)} ({here}{disagrees})")
    band = "" if one.band is None else f", bands {_money(one.band).lstrip('+')}"
    realized = f"realised today {_money(one.realized)}"
    return f"{'; '.join(parts)}; {realized}{band} {one.currency}".rstrip()


def _money(amount: Decimal | None) -> str:
    return "?" if amount is None else f"{amount:+,.2f}"
