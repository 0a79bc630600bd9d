"""An answer of positions is complete and its own, whatever came before it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import position
from workers.gateway.ib.position_answers import PositionAnswers

rows = st.lists(st.integers(1, 5), max_size=6)


@given(given_up=st.lists(rows, max_size=4), answer=rows)
def test_only_the_newest_request_is_answered(given_up: list[list[int]], answer: list[int]) -> None:
    """Late answers of requests that were given up complete nothing and leave nothing."""
    answers = PositionAnswers()
    for _ in given_up:
        answers.asked()
    answers.asked()
    for late in given_up:
        assert all(answers.heard(position(con_id)) for con_id in late)
        assert answers.ended() is None
    for con_id in answer:
        answers.heard(position(con_id))
    done = answers.ended()
    assert done is not None
    assert [p.contract.con_id for p in done] == list(dict.fromkeys(answer))


@given(rows)
def test_rows_that_nobody_asked_for_are_pushes(pushed: list[int]) -> None:
    """Before the first request and after an answer, a row is a push."""
    answers = PositionAnswers()
    assert not any(answers.heard(position(con_id)) for con_id in pushed)
    answers.asked()
    assert answers.ended() == ()
    assert not any(answers.heard(position(con_id)) for con_id in pushed)
    assert answers.ended() is None
