"""The session's newest states are logged briefly: tries are counted, noise is left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slotwise.bus.status import SessionChange
from tests.support.values import NOON, at
from workers.gateway.session.history import KEPT, SessionHistory
from workers.gateway.session.states import State


def changes(history: SessionHistory) -> list[tuple[str, str, int]]:
    return [(change.state, change.reason, change.times) for change in history.all()]


def test_a_loss_and_a_return_are_two_changes() -> None:
    history = SessionHistory()
    history.note(State.CONNECTING, "", NOON)
    history.note(State.READY, "", at(1))
    history.note(State.WAITING, "TWS closed the connection", at(60))
    history.note(State.CONNECTING, "", at(61))
    history.note(State.READY, "", at(62))
    assert history.all() == (
        SessionChange(at=at(1), state="ready"),
        SessionChange(at=at(60), state="waiting to reconnect", reason="TWS closed the connection"),
        SessionChange(at=at(62), state="ready"),
    )


def test_failed_tries_are_one_change_since_the_first_with_the_newest_reason() -> None:
    history = SessionHistory()
    for second in range(300):
        history.note(State.CONNECTING, "", at(second))
        history.note(State.WAITING, f"refused {second}", at(second + 0.5))
    [change] = history.all()
    assert (change.at, change.times, change.reason) == (at(0.5), 300, "refused 299")


def test_a_state_that_stays_is_logged_again_only_with_another_reason() -> None:
    """1101 after 1102: TWS was ready before and is ready after, but its lines are gone."""
    history = SessionHistory()
    for reason in ("", "1102", "1102", "1101"):
        history.note(State.READY, reason, NOON)
    assert changes(history) == [("ready", "", 1), ("ready", "1102", 1), ("ready", "1101", 1)]


@given(st.lists(st.tuples(st.sampled_from(State), st.sampled_from(("", "a", "b"))), max_size=200))
def test_it_is_bounded_ordered_and_ends_where_the_session_stands(
    notes: list[tuple[State, str]],
) -> None:
    history = SessionHistory()
    for second, (state, reason) in enumerate(notes):
        history.note(state, reason, at(second))
    changes = history.all()
    assert len(changes) <= KEPT
    assert [change.at for change in changes] == sorted(change.at for change in changes)
    noted = [(state.value, reason) for state, reason in notes if state is not State.CONNECTING]
    assert [(c.state, c.reason) for c in changes[-1:]] == noted[-1:]
