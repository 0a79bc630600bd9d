"""An answer of positions is complete and its own, whatever came before it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.numbering import Numbering
from slotwise.position import Position
from tests.support.values import ACCOUNT, position
from workers.gateway.ib.position_answers import PositionAnswers

rows = st.lists(st.integers(1, 5), max_size=6)


def answers_of() -> PositionAnswers:
    return PositionAnswers(Numbering(1))


@given(given_up=st.lists(rows, max_size=4), answer=rows)
def test_only_the_newest_request_is_answered(given_up: list[list[int]], answer: list[int]) -> None:
    """Late answers of requests that were given up complete nothing and leave nothing."""
    answers = answers_of()
    for _ in given_up:
        answers.asked()
        answers.given_up()
    answers.asked()
    for late in given_up:
        assert not any(answers.add(position(con_id)) for con_id in late)
        assert answers.ended() is None
    for con_id in answer:
        answers.add(position(con_id))
    done = answers.ended()
    assert done is not None
    assert [p.contract.con_id for p in done] == list(dict.fromkeys(answer))
    assert done.certain


@pytest.mark.parametrize("unreadable_first", [True, False])
@pytest.mark.parametrize("account", [ACCOUNT, ""])
def test_a_row_of_0_beside_one_that_cannot_be_read_is_no_push(
    account: str, unreadable_first: bool
) -> None:
    """Nor would it be the last word in an answer that ends."""
    answers = answers_of()
    answers.asked()
    if unreadable_first:
        answers.add_unreadable(account, 9, "quantity 'nan'")
    answers.add(position(9, 0))
    answers.add(position(8, 0))
    if not unreadable_first:
        answers.add_unreadable(account, 9, "quantity 'nan'")
    assert [one.contract.con_id for one in answers.given_up()] == [8]


@given(rows)
def test_rows_without_a_request_are_pushes(pushed: list[int]) -> None:
    """Before the first request, after an answer, and after a request that was given up."""
    answers = answers_of()
    assert all(answers.add(position(con_id)) for con_id in pushed)
    answers.asked()
    assert answers.ended() == ()
    assert all(answers.add(position(con_id)) for con_id in pushed)
    assert answers.ended() is None
    answers.asked()
    answers.given_up()
    assert all(answers.add(position(con_id)) for con_id in pushed)


@given(before=rows, during=rows, after=rows)
def test_numbers_follow_the_order_in_which_tws_sent(
    before: list[int], during: list[int], after: list[int]
) -> None:
    """Pushes, then an answer, then pushes behind its end in the same packet."""
    answers = answers_of()
    first = [answers.add(position(con_id)) for con_id in before]
    answers.asked()
    for con_id in during:
        answers.add(position(con_id))
    answer = answers.ended()
    last = [answers.add(position(con_id)) for con_id in after]
    assert answer is not None
    assert {p.sequence for p in answer} <= {answer.sequence}
    numbers = [p.sequence for p in first if p] + [answer.sequence] + [p.sequence for p in last if p]
    assert numbers == sorted(set(numbers), key=lambda n: n or 0)


def test_a_closing_is_not_lost_where_an_answer_never_ends() -> None:
    """TWS remarks that positions are not available, and says no more."""
    answers = answers_of()
    answers.asked()
    for row in (position(1), position(1, 0), position(2, 0), position(3)):
        assert answers.add(row) is None
    answers.remark(("",), "not available yet")
    handed_back = {p.contract.con_id: p.quantity for p in answers.given_up()}
    assert handed_back == {1: 0, 2: 0, 3: 10}


def test_of_rows_of_one_holding_the_last_one_counts() -> None:
    """A row of quantity 0 before it closes nothing, and one behind it does."""
    answers = answers_of()
    answers.asked()
    for quantity in (10, 0, 10):
        assert answers.add(position(1, quantity)) is None
    for quantity in (10, 0):
        assert answers.add(position(2, quantity)) is None
    done = answers.ended()
    assert done is not None
    assert {p.contract.con_id: p.quantity for p in done} == {1: 10, 2: 0}


SCRIPT = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 3), st.integers(0, 2)),
        st.sampled_from(["asked", "ended", "given up", "refused", "early"]),
    ),
    max_size=30,
)


def played(script: list[tuple[int, int] | str]) -> tuple[dict[int, Decimal], dict[int, int]]:
    """Return quantities as they are passed on, and those of the last row of each contract."""
    answers = answers_of()
    book: dict[int, Decimal] = {}
    newest: dict[int, int] = {}
    for step in [*script, "given up"]:
        passed_on: Iterable[Position | None] | None = None
        if isinstance(step, tuple):
            newest[step[0]] = step[1]
            passed_on = [row := answers.add(position(*step))]
            assert (row is None) is answers.is_open, "a row of an answer waits for its end"
        elif step == "asked" and not answers.is_open:
            answers.asked()
        elif step == "ended":
            passed_on = answers.ended()
        elif step == "early" and answers.is_open:
            passed_on = answers.take_early()
        elif step in ("given up", "refused") and answers.is_open:
            passed_on = answers.given_up() if step == "given up" else answers.refused()
        book |= {p.contract.con_id: p.quantity for p in passed_on or () if p is not None}
    return book, newest


@given(SCRIPT)
def test_no_closing_is_lost_or_made_up(script: list[tuple[int, int] | str]) -> None:
    """Whatever requests are answered, late, refused or given up: the last row counts."""
    book, newest = played(script)
    for con_id, quantity in newest.items():
        assert not (quantity == 0 and book[con_id]), "a closing is lost"
    if "given up" not in script:
        assert book == newest, "no answer is late, so each row is passed on"


def test_a_closing_in_a_late_answer_is_not_lost() -> None:
    """The answer behind it does not list what is closed, however many are late."""
    answers = answers_of()
    for _ in range(2):
        answers.asked()
        answers.given_up()
    answers.asked()
    for late in ([position(1), position(1, 0), position(2)], [position(2)]):
        for row in late:
            answers.add(row)
        assert answers.ended() is None
    answers.add(position(3))
    done = answers.ended()
    assert done is not None
    assert {p.contract.con_id: p.quantity for p in done} == {1: 0, 3: 10}


def test_an_early_end_counts_where_no_other_comes_but_is_not_certain() -> None:
    """Rows that came before the end may have begun before the request; the next answer's too."""
    answers = answers_of()
    answers.asked()
    answers.given_up()
    answers.asked()
    answers.add(position(1))
    assert answers.ended() is None
    assert answers.expects_little
    early = answers.take_early()
    assert early is not None
    assert [p.contract.con_id for p in early] == [1]
    assert not early.certain
    for certain in (False, True):
        answers.asked()
        answers.add(position(1))
        following = answers.ended()
        assert following is not None
        assert following.certain is certain


def test_what_is_handed_back_is_as_old_as_it_was_read() -> None:
    """What was observed since is newer: a holding that an execution has closed stays closed."""
    numbering = Numbering(1)
    answers = PositionAnswers(numbering)
    for leave in (answers.given_up, answers.refused):
        answers.asked()
        answers.add(position(1))
        newer = numbering.next()
        [row] = leave()
        assert row.sequence is not None
        assert row.sequence < newer


def test_what_an_unfinished_answer_brought_is_handed_back() -> None:
    """A refused request owes no end: the next answer is whole with its first."""
    answers = answers_of()
    answers.asked()
    answers.add(position(1))
    answers.add(position(1, 12))
    assert [(p.contract.con_id, p.quantity) for p in answers.refused()] == [(1, Decimal(12))]
    answers.asked()
    done = answers.ended()
    assert done is not None
    assert list(done) == []
    assert done.certain


def test_an_unreadable_row_leaves_its_holding_open_and_its_account_unverified() -> None:
    answers = answers_of()
    answers.asked()
    answers.add(position(1))
    answers.add_unreadable("DU2", 7, "quantity ten")
    done = answers.ended()
    assert done is not None
    assert [p.contract.con_id for p in done] == [1]
    assert done.remarks == {"DU2": "quantity ten"}
    assert done.unreadable == frozenset({("DU2", 7)})
    assert done.lacks_named_only == {"DU2"}


def test_a_remark_behind_the_end_counts_for_the_next_answer_alone() -> None:
    """TWS may say that positions are not available after it has answered with none."""
    answers = answers_of()
    answers.asked()
    assert answers.ended() == ()
    answers.remark(("DU1",), "not available yet")
    found = []
    for _ in range(2):
        answers.asked()
        answers.add(position(1))
        assert not answers.expects_little, "the answer itself is not remarked on"
        done = answers.ended()
        assert done is not None
        found.append(dict(done.remarks))
    assert found == [{"DU1": "not available yet"}, {}]
