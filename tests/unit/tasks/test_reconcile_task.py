"""`reconcile` with a gateway that polls at a command."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.lake.reconciliation_queries import last_report
from slotwise.lake.store import Lake
from slotwise.position import Position
from slotwise.reconciliation.procedure import ReconciliationProcedure
from slotwise.rules.valuation import position_row
from tasks.context import Context
from tasks.landing import land
from tasks.live_sources import LiveSources
from tasks.reconciliation import reconcile
from tests.support.independent_reader import rows_of
from tests.support.landed import put
from tests.support.polled_gateway import gateway
from tests.support.values import position, snapshot


def book(lake: Lake, *positions: Position) -> None:
    put(lake, "position_updates", [position_row(one, None, source="batch") for one in positions])


def test_a_book_that_agrees_with_a_fresh_snapshot_matches(
    shared: Context, bus: Bus, lake: Lake
) -> None:
    book(lake, position(1), position(2, -3))
    with gateway(bus, position(1), position(2, -3)):
        report = reconcile()
    assert (report["status"], report["matched"], len(report["breaks"])) == ("matched", 2, 0)
    land()
    kept = last_report(lake)
    assert kept is not None
    assert (kept.report_id, kept.status, kept.matched) == (report["report_id"], "matched", 2)


def test_a_difference_is_reported_and_kept_as_a_break(
    shared: Context, bus: Bus, lake: Lake
) -> None:
    book(lake, position(1), position(2))
    with gateway(bus, position(1, 11), position(2)):
        report = reconcile()
    assert (report["status"], report["matched"]) == ("broken", 1)
    land()
    assert rows_of(lake, "breaks", "con_id, kind, cause, book_quantity, broker_quantity") == [
        (1, "quantity", "unknown", 10, 11)
    ]


@pytest.mark.parametrize("ahead_s", [-20_000, -90, -1.5, -0.5, 0.5, 1.5, 90, 20_000])
def test_a_gateways_clock_decides_nothing(
    shared: Context, bus: Bus, lake: Lake, ahead_s: float
) -> None:
    """The gateway's clock is beside that of the worker."""
    book(lake, position(1))
    with gateway(bus, position(1), ahead_s=ahead_s):
        outcome = ReconciliationProcedure(LiveSources(shared, snapshot_wait_s=5.0)).run()
    assert (outcome.report.status, outcome.report.matched) == ("matched", 1)


def test_a_snapshot_from_before_the_request_is_not_taken(
    shared: Context, bus: Bus, lake: Lake
) -> None:
    """It says what the book says; the broker, asked now, says otherwise."""
    book(lake, position(1))
    SnapshotBoard(bus).put(snapshot("before", position(1), when=datetime.now(UTC)))
    with gateway(bus):
        report = reconcile()
    assert report["status"] == "broken"
    assert report["snapshot_id"].startswith("fresh")
    assert [found["kind"] for found in report["breaks"]] == ["missing_at_broker"]


def test_the_wrong_lake_is_stale_not_matched(shared: Context, bus: Bus, lake: Lake) -> None:
    shared.settings.lake = f"{lake.address}/nothing-here"
    with gateway(bus, position(1)):
        report = reconcile()
    assert (report["status"], report["matched"]) == ("stale", 0)
    assert "cannot be read" in report["reason"]
