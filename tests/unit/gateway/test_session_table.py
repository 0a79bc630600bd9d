"""The session's table keeps its rules, for every sequence of events."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from workers.gateway.session.states import (
    CONNECTING_STATES,
    HANDSHAKE_TIMEOUT_S,
    LONGEST_RETRY_S,
    LOOK_S,
    TABLE,
    Action,
    Event,
    State,
    next_step,
    retry_delay_s,
)

#: What happens by itself in a state that lasts, and after how long at the latest, seconds.
DUE: Mapping[State, tuple[Event, float]] = {
    State.CONNECTING: (Event.FAILED, HANDSHAKE_TIMEOUT_S),
    State.CONNECTING_BLIND: (Event.FAILED, HANDSHAKE_TIMEOUT_S),
    State.WAITING: (Event.RETRY, LONGEST_RETRY_S),
    State.BLIND: (Event.LOOK_DUE, LOOK_S),
}

events = st.lists(st.sampled_from(Event), max_size=40)


def walk(names: list[Event]) -> tuple[State, list[Action]]:
    state, actions = State.DISCONNECTED, list[Action]()
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
    """The last call to the lines agrees with the state."""
    state, actions = walk([e for e in names if e is not Event.STOP])
    words = [a for a in actions if a in (Action.PAUSE, Action.RESUME)]
    assert (bool(words) and words[-1] is Action.RESUME) == (state is State.READY)


@given(events)
def test_a_new_connection_has_no_line(names: list[Event]) -> None:
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


#: TWS's notices, as the session takes them.
NOTICES = (
    Event.UPSTREAM_LOST,
    Event.UPSTREAM_BACK,
    Event.UPSTREAM_BACK_EMPTY,
    Event.LINK_WORKS,
    Event.FARM_NEWS,
    Event.PORT_MOVED,
)
#: A TWS that is well accepts a connection, and IB answers, within this, seconds.
ANSWERS_S = 1.0
#: From then on the session is ready within this, seconds.
BOUND_S = 30.0


class Clockwork:
    """The session's table with its timers, and a TWS that is well or not."""

    def __init__(self) -> None:
        self.now = 0.0
        self.is_well = False
        self.state = State.DISCONNECTED
        self._since = 0.0
        self._looked_at: float | None = None
        self.on(Event.START)

    def on(self, event: Event) -> None:
        step = next_step(self.state, event)
        if step.state is not self.state or event is Event.LOOK_DUE:
            self._since = self.now
        self.state = step.state
        if Action.LOOK in step.actions:
            self._looked_at = self.now

    def _answer(self) -> None:
        """Do what a TWS that is well does by now."""
        if self.state in CONNECTING_STATES and self.now - self._since >= ANSWERS_S:
            self.on(Event.CONNECTED)
        looked_at = self._looked_at
        if looked_at is not None and self.now - looked_at >= ANSWERS_S:
            self._looked_at = None
            self.on(Event.ANSWERED)

    def wait(self, seconds: float) -> None:
        """Let time pass, a tenth of a second at a time."""
        end = self.now + seconds
        while self.now < end:
            self.now += 0.1
            if self.is_well:
                self._answer()
            if self.state in DUE:
                event, after_s = DUE[self.state]
                if self.now - self._since >= after_s:
                    self.on(event)


@settings(max_examples=examples(1000), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([e for e in Event if e is not Event.STOP]),
            st.sampled_from([0.0, 0.1, 1.0, 5.0, 11.0]),
        ),
        max_size=15,
    ),
    st.lists(st.sampled_from(NOTICES), max_size=3),
)
def test_a_tws_that_is_well_leads_back_to_ready_within_a_bound(
    before: list[tuple[Event, float]], last_words: list[Event]
) -> None:
    """From every state, after every sequence of events, without a word from TWS."""
    session = Clockwork()
    for event, seconds in before:
        session.on(event)
        session.wait(seconds)
    session.is_well = True
    for event in last_words:
        session.on(event)
    began = session.now
    while session.state is not State.READY:
        session.wait(0.1)
        assert session.now - began <= BOUND_S, session.state


@pytest.mark.parametrize("state", [s for s in State if s is not State.ENDED])
@pytest.mark.parametrize("event", Event)
def test_every_state_but_the_end_and_ready_ends_by_itself(state: State, event: Event) -> None:
    """It has a timer, or it is where the session begins."""
    reached = next_step(state, event).state
    settled = (State.READY, State.ENDED, State.DISCONNECTED)
    assert reached in settled or reached in DUE


def test_a_loss_of_ib_during_the_greeting_counts() -> None:
    """1100 and 2110 before the connection is there; what ends it may come there too."""
    assert walk([Event.START, Event.UPSTREAM_LOST, Event.CONNECTED])[0] is State.BLIND
    for way_back in (Event.UPSTREAM_BACK, Event.UPSTREAM_BACK_EMPTY, Event.LINK_WORKS):
        names = [Event.START, Event.UPSTREAM_LOST, way_back, Event.CONNECTED]
        assert walk(names)[0] is State.READY


@pytest.mark.parametrize(
    "way_back",
    [
        Event.UPSTREAM_BACK,
        Event.UPSTREAM_BACK_EMPTY,
        Event.LINK_WORKS,
        Event.TICKED,
        Event.ANSWERED,
    ],
)
def test_every_sign_of_ib_ends_the_blindness(way_back: Event) -> None:
    """And positions are asked for at once."""
    state, actions = walk([Event.START, Event.CONNECTED, Event.UPSTREAM_LOST, way_back])
    assert state is State.READY
    assert actions[-1] is Action.RESUME
