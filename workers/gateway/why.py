"""Why a contract holds a line, waits for one, or has none."""

from __future__ import annotations

from slotwise.bus.status import Why
from slotwise.lines import Claim
from workers.gateway.active import Active
from workers.gateway.line_table import LineTable
from workers.gateway.rotator import Rotator


def explain(
    con_id: int, label: str, active: Active, table: LineTable, rotator: Rotator, now: float
) -> Why:
    """Say how one contract stands; `now` is seconds of the table's clock."""
    claim = active.wanted.get(con_id)
    state, details = (
        _not_active(con_id, rotator)
        if claim is None
        else _active(con_id, claim, active, table, now)
    )
    return Why(
        con_id=con_id,
        label=label,
        state=state,
        strategies=list(active.owns(con_id)),
        priority=None if claim is None else claim.priority,
        details=details,
    )


def _active(
    con_id: int, claim: Claim, active: Active, table: LineTable, now: float
) -> tuple[str, list[str]]:
    line = table.held.get(con_id)
    if line is not None:
        details = [f"holds a line for {now - line.opened_at:.0f} s"]
        if line.blind:
            details.append("no tick has come yet, or not since it was lost")
        else:
            details.append(f"last tick {line.pulse.silent_s(now):.1f} s ago")
        return "streaming", details
    refused = table.refused.get(con_id)
    if refused is not None:
        return "refused", [
            refused.refusal.reason,
            f"asked for again in {max(refused.retry_at - now, 0):.0f} s",
        ]
    queue = table.queue
    if con_id not in queue:
        return "waiting", ["being looked up, or there is no connection to TWS"]
    ahead = queue.index(con_id)
    details = [f"{ahead} contracts wait before it; {len(table.held)} of {table.limit} lines held"]
    higher = sum(
        other.priority < claim.priority
        for holder in table.held
        if (other := active.wanted.get(holder)) is not None
    )
    details.append(
        f"{higher} lines are held by strategies of higher priority than {claim.priority}"
    )
    return "waiting", details


def _not_active(con_id: int, rotator: Rotator) -> tuple[str, list[str]]:
    age_s, planned_s = rotator.age_s(con_id), rotator.planned_s(con_id)
    trouble = rotator.troubles.get(con_id)
    resting_s = rotator.resting_s(con_id)
    if resting_s is not None:
        reason = trouble or "its market is closed"
        return "resting", [f"{reason}; looked at again in {max(resting_s, 0):.0f} s"]
    if planned_s is None:
        return "not streamed", ["in no active strategy, and not in the rotation"]
    details = [f"a quote at least every {planned_s:.1f} s by the plan"]
    details.append("not quoted yet" if age_s is None else f"last quote {age_s:.1f} s ago")
    return "rotated", details
