"""`slotwise lines` and `slotwise why` answer from the gateway that runs."""

from __future__ import annotations

from slotwise.bus.board import SnapshotBoard
from tests.walks.running_stack import RunningStack, as_json


def test_lines_and_why_say_who_holds_who_waits_and_what_is_rotated(stack: RunningStack) -> None:
    """A strategy's contract streams; any other is quoted in turn; an unknown one has none."""
    stack.eventually(lambda: SnapshotBoard(stack.bus).head() is not None, 45, "a snapshot is there")
    board = SnapshotBoard(stack.bus).all()
    assert board is not None
    first, second = [p.contract.con_id for p in board[1] if p.contract.sec_type == "STK"][:2]
    activated = stack.slotwise("strategies", "activate", "who", "--legs", str(first))
    assert activated.returncode == 0, activated.stderr

    def state_of(con_id: int) -> str:
        return str(as_json(stack.slotwise("why", str(con_id), "--json"))["state"])

    stack.eventually(lambda: state_of(first) == "streaming", 20, "the line is told")
    answer = as_json(stack.slotwise("why", str(first), "--json"))
    assert (answer["strategies"], answer["priority"]) == (["who"], 5)
    stack.eventually(lambda: state_of(second) == "rotated", 30, "the other one is rotated")
    assert "no holding of it is known" in stack.slotwise("why", "1").stdout

    def listed() -> bool:
        lines = as_json(stack.slotwise("lines", "--json"))
        return first in {held["con_id"] for held in lines["held"]}

    stack.eventually(listed, 10, "the line is listed")
    table = stack.slotwise("lines")
    assert "lines held" in table.stdout
    assert "rotation: " in table.stdout
    assert stack.slotwise("strategies", "close", "who").returncode == 0
