"""Walk 3: a doubt becomes a report."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from slotwise.bus.landing_stream import LandingStream
from slotwise.contract import Contract
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.position import Position
from slotwise.rules.landing import Rows
from slotwise.rules.valuation import position_row
from tests.walks.running_stack import RunningStack, as_json


def test_book_and_broker_agree_and_the_report_is_kept(stack: RunningStack) -> None:
    """Command line -> task -> fresh snapshot -> book against broker -> Delta."""
    answer = stack.slotwise("reconcile", "--json")
    report = as_json(answer)
    assert answer.returncode == 0, report
    assert (report["status"], report["matched"], report["breaks"]) == ("matched", 120, [])

    def kept() -> bool:
        rows = stack.sql("SELECT report_id, status, matched, breaks FROM {reconciliations}")
        return (report["report_id"], "matched", 120, 0) in rows

    stack.eventually(kept, 15, "the report is in the lake")


def test_a_position_only_the_book_has_is_a_break_until_it_is_healed(stack: RunningStack) -> None:
    """A phantom in the lake is found, named, kept as a row of `breaks`, and healed when asked."""
    phantom = Position(
        account="DU1234567",
        contract=Contract(con_id=999_999_999, symbol="GHOST", sec_type="STK"),
        quantity=Decimal(7),
        avg_cost=Decimal("1.5"),
        observed_at=datetime.now(UTC),
    )
    row = to_batch([position_row(phantom, None, source="stream")], POSITION_UPDATES.sent)
    LandingStream(stack.bus).append(Rows("position_updates"), row)
    stack.eventually(
        lambda: bool(stack.sql("SELECT 1 FROM {position_updates} WHERE symbol = 'GHOST'")),
        15,
        "the phantom has landed",
    )

    answer = stack.slotwise("reconcile", "--json")
    report = as_json(answer)
    assert answer.returncode == 1, report
    assert [(b["symbol"], b["kind"]) for b in report["breaks"]] == [("GHOST", "missing_at_broker")]
    assert report["matched"] == 120

    def kept() -> bool:
        return ("GHOST", "missing_at_broker") in stack.sql("SELECT symbol, kind FROM {breaks}")

    stack.eventually(kept, 15, "the break is in the lake")

    assert stack.slotwise("reconcile", "--heal").returncode == 1
    stack.eventually(
        lambda: stack.slotwise("reconcile").returncode == 0, 30, "the phantom is gone from the book"
    )


def test_flower_asks_and_the_report_is_kept(stack: RunningStack) -> None:
    """Flower's API -> task -> report -> a row of `reconciliations`; a stranger may not ask."""
    path = "/api/task/async-apply/tasks.reconciliation.reconcile"
    wanted = {"kwargs": {"account": "DU1234567"}}
    assert stack.flower_api(path, wanted, user=None)[0] == 401
    status, answer = stack.flower_api(path, wanted)
    assert status == 200, answer

    def result() -> Any:
        return stack.flower_api(f"/api/task/result/{answer['task-id']}?timeout=1")[1]

    stack.eventually(lambda: result()["state"] == "SUCCESS", 30, "the task ended")
    report = result()["result"]
    assert report["status"] in ("matched", "broken")

    def kept() -> bool:
        rows = stack.sql("SELECT report_id, status, account FROM {reconciliations}")
        return (report["report_id"], report["status"], "DU1234567") in rows

    stack.eventually(kept, 15, "the report is in the lake")


def test_flower_cannot_ask_for_nonsense(stack: RunningStack) -> None:
    """Arguments that make no sense are refused at once, with a line that says why."""
    path = "/api/task/async-apply/tasks.reconciliation.reconcile"
    stack.eventually(stack.flower_is_up, 60, "Flower answers")
    status, answer = stack.flower_api(path, {"kwargs": {"heal": "yes, please"}})
    assert status == 400, answer
    assert "heal must be true or false" in answer
