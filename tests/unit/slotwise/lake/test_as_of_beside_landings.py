"""A question about the past is answered whole while rows land and checkpoints are made beside it.

A checkpoint names rows by the landing that brought them: where the positions that a question reads
are older than the checkpoint that it begins with, holdings are missing.
"""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from deltalake import DeltaTable

from slotwise.lake.as_of import positions_as_of
from slotwise.lake.position_checkpoints import (
    CHECKPOINTS,
    CHECKPOINTS_EACH,
    make_position_checkpoint,
)
from slotwise.lake.sql import OpenTables
from slotwise.lake.store import Lake
from slotwise.rules.valuation import PositionRow, position_row
from tests.support.effort import examples
from tests.support.landed import put
from tests.support.values import at, position

POSITIONS = "position_updates"
#: Holdings of the account; each landing has all of them.
HOLDINGS = range(1, 4)
#: Landings, each followed by a checkpoint.
LANDINGS = examples(15)
#: Checkpoints are due this long after each other, seconds.
DUE_S = CHECKPOINTS_EACH.total_seconds()


def row(con_id: int, number: int) -> PositionRow:
    held = position(con_id, number, observed_at=at(number * DUE_S))
    return position_row(held, None, source="batch")


def land(lake: Lake) -> None:
    for number in range(2, LANDINGS + 1):
        moment = at(number * DUE_S)
        put(lake, POSITIONS, [row(con_id, number) for con_id in HOLDINGS], moment)
        assert make_position_checkpoint(lake, moment + timedelta(seconds=1))


def test_the_positions_have_all_that_a_checkpoint_opened_beside_them_has(lake: Lake) -> None:
    """Also where the positions are opened first, and a landing and a checkpoint come between."""
    put(lake, POSITIONS, [row(con_id, 1) for con_id in HOLDINGS], at(0))
    assert make_position_checkpoint(lake, at(DUE_S))
    opened = threading.Event()

    def open_at(address: str) -> DeltaTable:
        if address.endswith(CHECKPOINTS):
            assert opened.wait(60)
            put(lake, POSITIONS, [row(9, 2)], at(2 * DUE_S))
            assert make_position_checkpoint(lake, at(2 * DUE_S + 1))
            return DeltaTable(address)
        handle = DeltaTable(address)
        opened.set()
        return handle

    tables = OpenTables(lake, open_at)
    tables.open(CHECKPOINTS, POSITIONS)
    [checkpointed] = tables.ask(f"SELECT max(con_id) AS one FROM {CHECKPOINTS}", CHECKPOINTS)["one"]
    [landed] = tables.ask(f"SELECT max(con_id) AS one FROM {POSITIONS}", POSITIONS)["one"]
    assert checkpointed.as_py() == landed.as_py() == 9


@pytest.mark.timeout(120)
def test_each_answer_has_every_holding_and_none_is_older_than_the_one_before(lake: Lake) -> None:
    put(lake, POSITIONS, [row(con_id, 1) for con_id in HOLDINGS], at(0))
    writer = threading.Thread(target=land, args=(lake,))
    writer.start()
    answers = []
    try:
        while writer.is_alive():
            answers.append(positions_as_of(lake, at(1e9)).to_pylist())
    finally:
        writer.join()
    answers.append(positions_as_of(lake, at(1e9)).to_pylist())
    for answer in answers:
        assert [one["con_id"] for one in answer] == list(HOLDINGS)
    quantities = [{int(one["quantity"]) for one in answer} for answer in answers]
    assert all(len(found) == 1 for found in quantities)
    assert quantities == sorted(quantities, key=max)
    assert quantities[-1] == {LANDINGS}
