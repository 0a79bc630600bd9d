"""Walk 1: a position becomes a row."""

from __future__ import annotations

from slotwise.bus.board import SnapshotBoard
from tests.walks.running_stack import RunningStack


def test_a_position_at_the_broker_becomes_one_row_per_poll_in_the_lake(stack: RunningStack) -> None:
    """TWS frames -> gateway -> snapshot board -> queue -> batch -> landing -> Delta."""

    def landed() -> set[int]:
        rows = stack.sql("SELECT DISTINCT con_id FROM {position_updates} WHERE source = 'batch'")
        return {con_id for (con_id,) in rows}

    stack.eventually(lambda: _has_rows(stack), 45, "rows have landed")
    board = SnapshotBoard(stack.bus).all()
    assert board is not None
    _, positions = board
    assert len(positions) == 120
    stack.eventually(lambda: len(landed()) == 120, 30, "every position has a row")

    held = {p.contract.con_id: (p.quantity, p.avg_cost) for p in positions}
    rows = stack.sql(
        "SELECT con_id, quantity, avg_cost, batch_id, item_id, landed_at >= observed_at"
        " FROM {position_updates} WHERE source = 'batch'"
    )
    for con_id, quantity, avg_cost, batch_id, item_id, in_order in rows:
        assert quantity == held[con_id][0]
        assert abs(avg_cost - held[con_id][1]) < 1e-8
        assert batch_id
        assert item_id
        assert in_order


def test_every_succeeded_queue_item_has_exactly_one_row(stack: RunningStack) -> None:
    stack.eventually(lambda: _has_rows(stack), 45, "rows have landed")
    # The queue is read first: its rows are committed after the positions they speak of.
    ended = stack.sql("SELECT item_id FROM {position_queue} WHERE state = 'succeeded'")
    rows = dict(
        stack.sql(
            "SELECT item_id, count(*) FROM {position_updates}"
            " WHERE item_id IS NOT NULL GROUP BY item_id"
        )
    )
    assert len(ended) >= 120
    assert len(set(ended)) == len(ended), "an item ends once"
    assert {rows.get(item_id) for (item_id,) in ended} == {1}


def test_one_id_leads_from_the_queue_over_a_workers_log_to_the_row(stack: RunningStack) -> None:
    """Who asks where a row came from finds the batch that a worker says it answered."""
    stack.eventually(lambda: _has_rows(stack), 45, "rows have landed")
    found = stack.sql(
        "SELECT q.item_id, q.batch_id, p.batch_id, q.worker FROM {position_queue} q"
        " JOIN {position_updates} p USING (item_id) WHERE q.state = 'succeeded'"
    )
    log = (stack.folder / "logs" / "poll-worker.log").read_text(errors="replace")
    assert found
    for _, batch_id, of_row, worker in found:
        assert batch_id == of_row
        assert worker
        assert f"batch={batch_id}" in log


def test_polling_holds_no_line(stack: RunningStack) -> None:
    """The watchlist's short quotes come and go one at a time; nothing stays held."""
    stack.eventually(lambda: _has_rows(stack), 45, "rows have landed")
    polled_only = [event for event in stack.ledger() if event.event == "open"]
    active = {con_id for (con_id,) in _active(stack)}
    assert {event.con_id for event in polled_only} <= active


def _has_rows(stack: RunningStack) -> bool:
    return bool(stack.sql("SELECT 1 FROM {position_queue} WHERE state = 'succeeded' LIMIT 1"))


def _active(stack: RunningStack) -> list[tuple[int]]:
    return stack.sql("SELECT DISTINCT con_id FROM {strategy_registry} WHERE con_id IS NOT NULL")
