"""Another session of the user, and permissions that are not there."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gateway.streaming_desk import CONTRACTS, Desk
from workers.gateway.broker import Cause, Upstream
from workers.gateway.lines.data_access import ON_THEIR_WAY_S, TRY_S, DataAccess


def taken(desk: Desk) -> None:
    """Let another session take every line."""
    for con_id in sorted(desk.broker.lines):
        desk.broker.refuse(con_id, code=10197)


def test_while_another_session_has_the_data_one_contract_is_tried() -> None:
    """The most important; a hundred would be two hundred messages each time."""
    desk = Desk()
    desk.want(*CONTRACTS)
    for _ in CONTRACTS:
        desk.wait(0.1)
    taken(desk)
    opened = len(desk.broker.wire)
    for _ in range(3):
        for _ in range(int(TRY_S)):
            desk.wait(1.0)
        taken(desk)
    assert desk.broker.wire[opened:] == ["open 1"] * 3


def test_lines_come_back_when_the_other_session_has_ended() -> None:
    """By the tick of the one that was tried, within seconds, without a hand."""
    desk = Desk()
    desk.want(*CONTRACTS)
    for _ in CONTRACTS:
        desk.wait(0.1)
    taken(desk)
    for _ in range(int(TRY_S) + 1):
        desk.wait(1.0)
    desk.broker.tick(1, last=5)
    assert not desk.table.access.is_taken
    for _ in CONTRACTS:
        desk.wait(0.1)
    assert set(desk.broker.lines) == set(CONTRACTS)


def test_lines_that_tws_keeps_open_end_it_by_their_ticks() -> None:
    """Where 10197 names no request nothing is closed; a tick may have been on its way."""
    desk = Desk()
    desk.want(1)
    desk.streamer.on_upstream(Upstream.COMPETING, "TWS notice 10197")
    desk.broker.tick(1, last=5)
    assert desk.table.access.is_taken
    desk.now += ON_THEIR_WAY_S
    desk.broker.tick(1, last=6)
    assert not desk.table.access.is_taken
    assert desk.broker.wire == ["open 1"]


def test_ticks_of_lines_that_go_on_do_not_end_it_for_the_others() -> None:
    """Else all others would be asked for again and again, and be refused."""
    desk = Desk()
    desk.want(1, 2)
    desk.wait(0.1)
    desk.now += 1.0
    desk.broker.refuse(2, code=10197)
    desk.now += ON_THEIR_WAY_S
    desk.broker.tick(1, last=5)
    assert desk.table.access.is_taken
    assert set(desk.broker.lines) == {1}


def test_a_permission_is_missing_until_data_comes() -> None:
    desk = Desk()
    desk.want(1, 2)
    desk.wait(0.1)
    desk.broker.refuse(1, code=354)
    assert desk.table.access.denied == {1}
    desk.wait(301.0)
    assert desk.table.access.denied == {1}
    desk.broker.tick(1, last=5)
    assert desk.table.access.denied == set()


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 1, 2, 3]),
            st.sampled_from(Cause),
            st.floats(0.0, 30.0),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_whatever_was_refused_data_of_a_new_request_sets_it_right(
    steps: list[tuple[int | None, Cause, float, bool]],
) -> None:
    """And while it lasts there is one try in its time."""
    access, now = DataAccess(), 0.0
    tries: list[float] = []
    for con_id, cause, seconds, asks in steps:
        now += seconds
        if asks and access.is_taken and access.may_ask(now):
            tries.append(now)
        access.refused(con_id, cause, now)
    assert all(later - earlier >= TRY_S for earlier, later in pairwise(tries))
    for con_id in (1, 2, 3):
        access.came(con_id, now + 1.0, now + 2.0)
    assert not access.is_taken
    assert access.denied == set()
    assert access.may_ask(now)
