"""Why a contract holds a line, waits for one, or has none."""

from __future__ import annotations

from datetime import datetime

from slotwise.bus.status import Why
from slotwise.contract import Contract
from slotwise.formatting import counted
from slotwise.rules.expiry import expired_words
from slotwise.rules.lines import Claim
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.lines.rotator import Rotator
from workers.gateway.lines.table import LineTable
from workers.gateway.tws_codes import NO_SECURITY

#: Why no contract is quoted while another session has the data.
TAKEN = "another session has the market data: none is quoted until it comes back"


def explain(
    con_id: int,
    contracts: ContractCache,
    active: ActiveContracts,
    table: LineTable,
    rotator: Rotator,
    now: float,
    at: datetime,
) -> Why:
    """Describe the state of one contract; `now` is seconds of the table's clock, `at` the time."""
    claim = active.wanted.get(con_id)
    state, details = (
        _not_active(con_id, contracts, table, rotator)
        if claim is None
        else _active(contracts.named(con_id), claim, active, table, now, at)
    )
    return Why(
        con_id=con_id,
        label=contracts.named(con_id).label,
        state=state,
        strategies=list(active.owns(con_id)),
        priority=None if claim is None else claim.priority,
        details=details,
    )


def _active(
    contract: Contract,
    claim: Claim,
    active: ActiveContracts,
    table: LineTable,
    now: float,
    at: datetime,
) -> tuple[str, list[str]]:
    con_id = contract.con_id
    line = table.held.get(con_id)
    if line is not None:
        details = [f"holds a line for {now - line.opened_at:.0f} s"]
        if line.stale:
            details.append("no tick has come yet, or not since it was lost")
        else:
            details.append(f"last tick {line.staleness.silent_s(now):.1f} s ago")
        return "streaming", details
    refused = table.refused.get(con_id)
    if refused is not None:
        again = f"asked for again in {max(refused.retry_at - now, 0):.0f} s"
        if refused.refusal.code != NO_SECURITY:
            return "refused", [refused.refusal.reason, again]
        if expired := expired_words(contract, at):
            return "expired", [f"{expired}: close the strategy"]
        return "unknown", ["TWS knows no such contract: correct the strategy's legs", again]
    queue = table.queue
    if con_id not in queue:
        return "waiting", ["being looked up, or there is no connection to TWS"]
    ahead = queue.index(con_id)
    lines = f"{len(table.held)} of {table.allowance.granted} lines held"
    kept = table.kept_for_quotes
    left = f", {kept} left to quotes in turn" if kept else ""
    details = [f"{counted(ahead, 'contract waits', 'contracts wait')} before it; {lines}{left}"]
    higher = sum(
        other.priority < claim.priority
        for holder in table.held
        if (other := active.wanted.get(holder)) is not None
    )
    details.append(
        f"{counted(higher, 'line is', 'lines are')} held by strategies of higher priority than"
        f" {claim.priority}"
    )
    return "waiting", details


def _not_active(
    con_id: int, contracts: ContractCache, table: LineTable, rotator: Rotator
) -> tuple[str, list[str]]:
    age_s, planned_s = rotator.age_s(con_id), rotator.planned_s(con_id)
    trouble = rotator.troubles.get(con_id)
    resting_s = rotator.resting_s(con_id)
    if resting_s is not None:
        reason = trouble or "its market is closed"
        return "resting", [f"{reason}; looked at again in {max(resting_s, 0):.0f} s"]
    if rotator.is_silent(con_id):
        return "rotated", [f"{trouble or 'no price arrived'}; tried again between other quotes"]
    if planned_s is None and contracts.is_held(con_id):
        if contracts.trouble(con_id):
            return "not quoted", [contracts.trouble(con_id)]
        if not contracts.is_settled(con_id):
            return "waiting", ["its contract details are being looked up"]
    if planned_s is None:
        if not contracts.is_held(con_id):
            return "not streamed", ["no holding of it is known, and no active strategy has it"]
        return "not streamed", ["in no active strategy, and not in the rotation"]
    details = [
        TAKEN if table.access.is_taken else f"a quote at least every {planned_s:.1f} s by the plan"
    ]
    details.append("not quoted yet" if age_s is None else f"last quote {age_s:.1f} s ago")
    return "rotated", details
