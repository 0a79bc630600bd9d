"""The session's table keeps its rules, for every sequence of events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.gateway.session_table import TABLE, Action, Event, State, next_step, retry_delay_s

events = st.lists(st.sampled_from(Event), max_size=40)


def walk(names: list[Event]) -> tuple[State, list[Action]]:
    state, actions = State.DISCONNECTED, []
    for event in names:
        step = next_step(state, event)
        state = step.state
        actions += step.actions
    return state, actions


def test_the_first_connection_resumes() -> None:
    """Connecting ends in a poll and open lines."""
    assert walk([Event.START, Event.CONNECTED]) == (State.READY, [Action.RESUME])


@given(events)
def test_requests_are_sent_only_while_ready(names: list[Event]) -> None:
    """The last word said to the lines agrees with the state."""
    state, actions = walk([e for e in names if e is not Event.STOP])
    words = [a for a in actions if a in (Action.PAUSE, Action.RESUME)]
    assert (bool(words) and words[-1] is Action.RESUME) == (state is State.READY)


@given(events)
def test_a_new_connection_knows_no_line(names: list[Event]) -> None:
    """Between two connections the lines are forgotten."""
    connected = False
    state = State.DISCONNECTED
    for event in names:
        step = next_step(state, event)
        if state is State.CONNECTING and step.state is State.READY:
            assert not connected, "the lines of the last connection were kept"
            connected = True
        if Action.LINES_GONE in step.actions:
            connected = step.state is State.READY
        state = step.state


def test_1101_asks_for_every_line_again() -> None:
    """Lines that TWS has lost are forgotten before they are asked for."""
    for state in (State.READY, State.BLIND):
        step = next_step(state, Event.UPSTREAM_BACK_EMPTY)
        assert step.actions == (Action.LINES_GONE, Action.RESUME)


def test_1102_keeps_the_lines() -> None:
    """Lines that TWS has kept go on, and positions are asked for."""
    _, actions = walk([Event.START, Event.CONNECTED, Event.UPSTREAM_LOST, Event.UPSTREAM_BACK])
    assert actions == [Action.RESUME, Action.PAUSE, Action.RESUME]


@given(events)
def test_from_anywhere_the_session_comes_back(names: list[Event]) -> None:
    """No event but the end leads to a state that leads nowhere."""
    state, _ = walk([Event.START, *(e for e in names if e is not Event.STOP)])
    for event in (Event.DROPPED, Event.RETRY, Event.CONNECTED):
        state = next_step(state, event).state
    assert state is State.READY


@given(events)
def test_the_end_is_the_end(names: list[Event]) -> None:
    """Nothing begins an ended session again."""
    assert walk([Event.STOP, *names])[0] is State.ENDED


def test_no_entry_of_the_table_stands_still_for_nothing() -> None:
    """An entry changes the state or asks for something."""
    assert all(step.state is not state or step.actions for (state, _), step in TABLE.items())


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_retries_leave_a_second_and_come_within_four(failures: int, jitter: float) -> None:
    """TWS has let go of the client id by then, and no restart is slept through."""
    assert 1.0 <= retry_delay_s(failures, jitter) <= 4.0
