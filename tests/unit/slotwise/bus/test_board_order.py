"""Nothing older overwrites what is newer on the board, in whatever order it is written."""

from __future__ import annotations

from datetime import datetime

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.position import PollFailure, Position, Snapshot
from tests.support.effort import examples
from tests.support.values import ACCOUNT, at, position, snapshot


def numbered(number: int, *held: Position) -> Snapshot:
    taken = snapshot(f"s{number}", *held)
    return msgspec.structs.replace(taken, sequence=number)


def quantities(board: SnapshotBoard) -> dict[int, int]:
    found = board.all()
    assert found is not None
    return {p.contract.con_id: int(p.quantity) for p in found[1]}


#: Observations in their order: a push of one holding, or a snapshot of some.
observations = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 4), st.integers(0, 9)),
        st.dictionaries(st.integers(1, 4), st.integers(1, 9)),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(observed=observations, data=st.data())
def test_the_board_ends_with_the_newest_in_whatever_order_it_is_written(
    bus: Bus, observed: list[tuple[int, int] | dict[int, int]], data: st.DataObject
) -> None:
    """A push before the first snapshot waits for the next one, as nothing is there to amend."""
    bus.clear()
    board, truth = SnapshotBoard(bus), dict[int, int]()
    first = numbered(1, position(1, 1, sequence=1))
    board.put(first)
    truth = {1: 1}
    writes: list[Position | Snapshot] = []
    for number, one in enumerate(observed, 2):
        if isinstance(one, tuple):
            con_id, quantity = one
            truth[con_id] = quantity
            writes.append(position(con_id, quantity, sequence=number))
        else:
            truth = dict(one)
            held = [position(c, q, sequence=number) for c, q in one.items()]
            writes.append(numbered(number, *held))
    for write in data.draw(st.permutations(writes)):
        if isinstance(write, Position):
            board.amend(write)
        else:
            board.put(write)
    held_now = {con_id: q for con_id, q in quantities(board).items() if q}
    assert held_now == {con_id: q for con_id, q in truth.items() if q}


def test_without_numbers_the_later_observation_counts(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    board.put(snapshot("s1", position(1, 1), when=at(0)))
    board.amend(position(1, 5, observed_at=at(50)))
    board.amend(position(1, 4, observed_at=at(40)))
    board.put(snapshot("s2", position(1, 3, observed_at=at(30)), when=at(30)))
    assert quantities(board) == {1: 5}
    board.put(snapshot("s0", position(1, 2, observed_at=at(10)), when=at(10)))
    assert quantities(board) == {1: 5}
    board.put(snapshot("s3", position(1, 6, observed_at=at(60)), when=at(60)))
    assert quantities(board) == {1: 6}


def test_the_changes_kept_beside_a_snapshot_are_bounded(bus: Bus) -> None:
    """Each whole answer drops the changes that it includes."""
    board = SnapshotBoard(bus)
    for number in range(1, 50, 2):
        board.put(numbered(number, position(1, number, sequence=number)))
        board.amend(position(number, 5, sequence=number + 1))
    assert bus.redis.hlen(bus.key("snapshot", "changes")) <= 1


def test_why_a_poll_failed_is_there_until_one_succeeds(bus: Bus) -> None:
    board = SnapshotBoard(bus)
    assert board.failure() is None
    when: datetime = at(5)
    failure = PollFailure(when, at(1), "TWS error 321: read-only")
    board.fail(failure)
    assert board.failure() == failure
    board.put(snapshot("s1", position(1)))
    assert board.failure() is None
    assert board.get([(ACCOUNT, 1)]) is not None
