"""The blindness ledger against the simulator's own account of its ticks, interval by interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slotwise.rules.data_gaps import DataGap
from tests.integration.gateway.fault_walk import Fault
from tests.support.tick_witness import Witness


@dataclass
class GapCheck:
    """Hold what the comparison found; all seconds."""

    #: Injected gaps that the ledger has, and how far its times are from the wire's.
    matched: int = 0
    begins_off_s: list[float] = field(default_factory=list)
    ends_off_s: list[float] = field(default_factory=list)
    #: Injected gaps that the ledger has not.
    missing: list[str] = field(default_factory=list)
    #: What the ledger says against the wire: ticks went out while it says blind.
    untrue: list[str] = field(default_factory=list)

    def worst_s(self) -> float:
        """Give the largest deviation."""
        return max((*self.begins_off_s, *self.ends_off_s), default=0.0)


def check_gaps(
    faults: Sequence[Fault],
    asked_again: Mapping[int, Sequence[float]],
    gaps: Mapping[int, Sequence[DataGap]],
    witness: Witness,
    tolerance_s: float,
) -> GapCheck:
    """Compare each contract's gaps with when ticks were sent.

    `asked_again` is when each contract's line was opened, unix seconds: a farm's outage is a gap
    of those contracts whose lines it killed, and they were opened again.
    """
    found = GapCheck()
    for number, fault in enumerate(faults):
        until = faults[number + 1].at if number + 1 < len(faults) else float("inf")
        for con_id, reported in gaps.items():
            hit = fault.kind != "farm" or any(
                fault.over < t < until for t in asked_again.get(con_id, ())
            )
            if hit:
                _compare(found, fault, con_id, reported, witness, tolerance_s)
    for con_id, reported in gaps.items():
        for gap in reported:
            begin = gap.begin.timestamp() + tolerance_s
            end = gap.end.timestamp() - tolerance_s if gap.end else float("inf")
            if ticks := witness.between(con_id, begin, end):
                found.untrue.append(f"{con_id} {gap}: {len(ticks)} ticks")
    return found


def _compare(
    found: GapCheck,
    fault: Fault,
    con_id: int,
    reported: Sequence[DataGap],
    witness: Witness,
    tolerance_s: float,
) -> None:
    ends_at = witness.first_after(con_id, fault.over)
    for gap in reported:
        if gap.end is None:
            continue
        begin, end = gap.begin.timestamp(), gap.end.timestamp()
        # The last tick may have been read a moment after the fault.
        if not begin - tolerance_s <= fault.over < end:
            continue
        # The last ticks before the socket broke may be lost on their way.
        sent = {witness.last_until(con_id, t) for t in (fault.over, fault.at - tolerance_s)}
        found.matched += 1
        found.begins_off_s.append(min(abs(begin - t) for t in sent))
        found.ends_off_s.append(abs(end - ends_at))
        return
    found.missing.append(f"{fault.kind} of {con_id} at {fault.at:.3f}")
