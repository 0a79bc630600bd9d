"""Changes of the verdict: each lasting one is sent once, and flapping is held down."""

from __future__ import annotations

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from slotwise.health.verdict import decide
from slotwise.health.verdict.changes import (
    FLAPPING_HOLD_S,
    HOLD_S,
    MANY,
    WINDOW_S,
    Change,
    Sent,
    next_change,
)
from tests.support.verdict_examples import EXAMPLES, NOW, WELL

_VERDICTS = {
    "well": decide(WELL),
    "competing_session": decide(EXAMPLES["competing_session"]),
    "tws_unreachable": decide(EXAMPLES["tws_unreachable"]),
    # Not sent: counts as well.
    "prices_missing": decide(EXAMPLES["prices_missing"]),
}


def _run(spans: list[tuple[str, int]]) -> list[tuple[float, Change]]:
    """Look once a second; each span is a state and how many seconds it lasts."""
    sent, found, second = Sent(), [], 0
    for state, lasts in spans:
        for _ in range(lasts):
            sent, change = next_change(sent, _VERDICTS[state], NOW + timedelta(seconds=second))
            if change is not None:
                found.append((float(second), change))
            second += 1
    return found


def test_change_is_sent_within_ten_seconds_and_once() -> None:
    found = _run([("well", 3), ("competing_session", 60), ("well", 60)])
    assert [(at, change.previous, change.state) for at, change in found] == [
        (3 + HOLD_S, "well", "competing_session"),
        (63 + HOLD_S, "competing_session", "well"),
    ]
    assert found[0][1].sentence.startswith("another session has the market data")
    assert found[1][1].previous_lasted_s == 60


def test_change_that_is_shorter_than_the_hold_is_not_sent() -> None:
    assert _run([("well", 3), ("tws_unreachable", int(HOLD_S)), ("well", 60)]) == []


def test_change_to_a_state_that_is_not_sent_is_none() -> None:
    assert _run([("well", 3), ("prices_missing", 600)]) == []


def test_change_of_one_state_to_another_is_sent() -> None:
    found = _run([("tws_unreachable", 20), ("competing_session", 20)])
    assert [change.state for _, change in found] == ["tws_unreachable", "competing_session"]


_spans = st.lists(
    st.tuples(st.sampled_from(sorted(_VERDICTS)), st.integers(1, 200)), min_size=1, max_size=40
)


@given(spans=_spans)
def test_changes_are_bounded_alternate_and_end_with_the_truth(
    spans: list[tuple[str, int]],
) -> None:
    found = _run([*spans, (spans[-1][0], int(FLAPPING_HOLD_S) + 1)])
    states = ["well", *(change.state for _, change in found)]
    assert all(a != b for a, b in itertools.pairwise(states))
    assert len({change.change_id for _, change in found}) == len(found)
    last = spans[-1][0]
    assert states[-1] == ("well" if last == "prices_missing" else last)
    for at, _ in found:
        within = [one for one, _ in found if at - WINDOW_S < one <= at]
        assert len(within) <= MANY + WINDOW_S / FLAPPING_HOLD_S + 1
