"""Walk 2: a strategy becomes a line."""

from __future__ import annotations

from slotwise.bus.board import SnapshotBoard
from tests.walks.running_stack import RunningStack, as_json


def test_an_activated_strategy_gets_its_lines_at_once_and_its_ticks_land(
    stack: RunningStack,
) -> None:
    """Command line -> registry -> gateway -> reqMktData -> first tick -> handler -> Delta."""
    stack.eventually(lambda: SnapshotBoard(stack.bus).head() is not None, 45, "a snapshot is there")
    board = SnapshotBoard(stack.bus).all()
    assert board is not None
    legs = [p.contract.con_id for p in board[1] if p.contract.sec_type == "OPT"][:4]

    activated = stack.slotwise(
        "strategies", "activate", "walk-two", "--legs", ",".join(map(str, legs)), "--priority", "1"
    )
    assert activated.returncode == 0, activated.stderr
    took_s = stack.eventually(lambda: set(legs) <= _held(stack), 4, "the lines are open")
    assert took_s < 4, "sooner than the next poll, which comes every 5 s"

    listed = as_json(stack.slotwise("strategies", "list", "--json"))
    assert [(s["name"], s["con_ids"]) for s in listed] == [("walk-two", sorted(legs))]

    def streamed() -> set[int]:
        rows = stack.sql(
            "SELECT DISTINCT con_id FROM {position_updates} WHERE source = 'stream'"
            " AND strategy = 'walk-two' AND price IS NOT NULL"
        )
        return {con_id for (con_id,) in rows}

    stack.eventually(lambda: streamed() == set(legs), 30, "priced rows of every leg have landed")

    closed = stack.slotwise("strategies", "close", "walk-two")
    assert closed.returncode == 0, closed.stderr
    stack.eventually(lambda: not set(legs) & _held(stack), 4, "the lines are given back")
    assert not [event for event in stack.ledger() if event.event == "reject"]


def test_closing_an_unknown_strategy_is_one_clear_line(stack: RunningStack) -> None:
    answer = stack.slotwise("strategies", "close", "absent")
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "no active strategy 'absent'" in answer.stderr


def _held(stack: RunningStack) -> set[int]:
    """Recount from the ledger which contracts hold a line now."""
    lines: dict[int, int] = {}
    for event in stack.ledger():
        if event.event == "open":
            lines[event.req_id] = event.con_id
        elif event.event in ("cancel", "end"):
            lines.pop(event.req_id, None)
    return set(lines.values())
