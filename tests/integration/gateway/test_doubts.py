"""A reconciliation's questions, through Redis to the gateway and over the socket to the broker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from slotwise.bus.client import Bus
from slotwise.bus.evidence import EvidenceBoard
from slotwise.lake.store import Lake
from slotwise.reconciliation.procedure import ReconciliationProcedure
from slotwise.reconciliation.report import Report
from tasks.context import Context
from tasks.landing import land
from tasks.live_sources import LiveSources
from tasks.reconciliation import reconcile
from tests.integration.gateway.gateway_floor import Floor, floor, held_ids
from tests.support.independent_reader import rows_of
from tests.support.wire_recount import requests_read
from tests.unit.gateway.listeners import until
from tests.unit.tasks.conftest import shared as shared

#: Requests for positions.
POSITIONS = "61"


def on(bus: Bus, claim: Callable[[Floor], Awaitable[None]], **options: Any) -> None:
    """Run a claim on a floor where a snapshot was taken."""

    async def run() -> None:
        async with floor(bus, **options) as f:
            await until(lambda: f.gateway.poller.polled_at)
            await claim(f)

    asyncio.run(run())


def test_evidence_is_what_the_broker_says(bus: Bus) -> None:
    """Executions of all clients, details of what exists, and None for what does not."""

    async def claim(f: Floor) -> None:
        con_id, gone = held_ids(f.simulator)[0], 123_456_789
        f.do(do="fill", con_id=con_id, quantity=3)
        found = await asyncio.to_thread(EvidenceBoard(bus).ask, [con_id, gone], 10.0)
        assert found is not None
        [execution] = found.executions or ()
        assert (execution.con_id, execution.quantity) == (con_id, Decimal(3))
        assert execution.is_by_hand
        assert abs((execution.at - datetime.now(UTC)).total_seconds()) < 60
        assert found.contracts[gone] is None
        known = found.contracts[con_id]
        assert known is not None
        assert known.con_id == con_id
        assert found.accounts == ("DU1234567",)

    on(bus, claim)


def test_nothing_answers_for_a_gateway_that_is_away(bus: Bus) -> None:
    assert EvidenceBoard(bus).ask([1], 0.2) is None


def polls(wire_log: Path) -> int:
    """Count the requests for positions that the simulator has read."""
    return sum(fields[0] == POSITIONS for fields in requests_read(wire_log))


def test_two_reconciliations_at_once_share_one_poll(
    shared: Context, bus: Bus, lake: Lake, tmp_path: Path
) -> None:
    """Counted by the simulator; both are one report, which lands once."""
    wire_log = tmp_path / "wire.jsonl"
    lake.create()

    async def claim(f: Floor) -> None:
        await until(lambda: polls(wire_log))
        before = polls(wire_log)
        barrier = threading.Barrier(2)

        def ask() -> dict[str, Any]:
            barrier.wait()
            report: dict[str, Any] = reconcile()
            return report

        one, other = await asyncio.gather(asyncio.to_thread(ask), asyncio.to_thread(ask))
        # Everything is missing in the empty book, so nothing is asked twice.
        assert polls(wire_log) - before == 1
        assert one["snapshot_id"] == other["snapshot_id"]
        assert one["report_id"] == other["report_id"]

    on(bus, claim, positions=40, active=0, wire_log=wire_log)
    land()
    assert rows_of(lake, "reconciliations", "status, breaks") == [("broken", 40)]
    assert len(rows_of(lake, "breaks", "break_id")) == 40


def stale(shared: Context) -> Report:
    """Reconcile with a gateway that has a second to answer."""
    report = ReconciliationProcedure(LiveSources(shared, snapshot_wait_s=1.0)).run().report
    assert (report.status, report.matched, report.breaks) == ("stale", 0, ())
    return report


def test_a_snapshot_without_its_end_verifies_nothing(shared: Context, bus: Bus, lake: Lake) -> None:
    async def claim(f: Floor) -> None:
        f.do(do="withhold_position_end", count=100)
        report = await asyncio.to_thread(stale, shared)
        assert "no fresh snapshot" in str(report.reason)

    on(bus, claim)


def test_without_a_gateway_nothing_is_verified(shared: Context, bus: Bus, lake: Lake) -> None:
    assert "no fresh snapshot" in str(stale(shared).reason)
