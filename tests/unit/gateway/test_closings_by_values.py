"""An account's own values keep it open, or agree that it was sold out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.gateway.closings_world import BOUND_S, World, world

others = st.one_of(
    st.just(("whole", "")),
    st.tuples(
        st.sampled_from(["empty", "silent", "readonly", "empty2151", "2151noend"]), st.just("")
    ),
    st.just(("err10275", "DU1")),
)


@settings(max_examples=examples(60), deadline=None)
@given(
    sold=st.sampled_from([1, 2, 5]),
    interval_s=st.sampled_from([5.0, 30.0]),
    seen_s=st.floats(0.0, 300.0),
    before=st.lists(st.tuples(others, st.floats(0.1, 300.0)), max_size=3),
    meanwhile=st.sampled_from(["whole", "empty", "silent", "readonly"]),
    away_s=st.floats(0.0, 300.0),
)
def test_an_account_that_is_sold_out_is_closed_without_its_own_update(
    sold: int,
    interval_s: float,
    seen_s: float,
    before: list[tuple[tuple[str, str], float]],
    meanwhile: str,
    away_s: float,
) -> None:
    """By answers that list the other account, where executions were answered, within 90 s."""
    made = world(0, accounts=2, interval_s=interval_s)
    made.never_updates = True
    made.truth = {("DU0", n): Decimal(10) for n in range(3)}
    made.truth |= {("DU1", n): Decimal(10) for n in range(sold)}
    for (mode, away), seconds in before:
        made.answer_as(mode, "silent", away)
        made.wait(seconds)
    made.answer_as("whole", "silent", "")
    made.wait(BOUND_S + seen_s)
    made.answer_as(meanwhile, "silent", "")
    for n in range(sold):
        made.trade(("DU1", n), Decimal(-10), pushed=False, executed=False)
    made.wait(away_s)
    made.answer_as("whole", "silent", "")
    made.wait(BOUND_S)
    assert made.held.keys() == made.truth.keys()
    assert made.closings.unknown == {}


@pytest.mark.parametrize("why", ["not listed", "remarked", "executions hang", "all are missing"])
def test_an_account_that_may_be_away_stays_without_its_own_update(why: str) -> None:
    """It was not listed in this session or after a remark, or nothing but one answer says it."""
    made = world(4, accounts=1 if why == "all are missing" else 2)
    made.never_updates, made.executions_hang = True, why == "executions hang"
    if why == "not listed":
        made.reconnect()
    if why == "remarked":
        made.answer_as("err10275", "silent", "DU1")
        made.wait(30.0)
    held = dict(made.held)
    made.truth = {key: n for key, n in made.truth.items() if key[0] != made.accounts[-1]}
    made.answer_as("whole", "silent", "")
    made.wait(3600.0)
    assert made.held.keys() == held.keys()
    assert made.closings.unknown


@pytest.mark.parametrize("accounts", [1, 2])
@pytest.mark.parametrize("left", [0, 1])
def test_an_account_is_sold_out_by_its_values(accounts: int, left: int) -> None:
    """All or most of it, without its own update, without executions, without having been listed."""
    made = world(10 * accounts, accounts)
    made.never_updates, made.executions_hang, made.values = True, True, "given"
    made.reconnect()
    made.hidden = {con_id for _, con_id in [*made.truth][:left]}
    for key in [key for key in made.truth if key[0] == "DU0"][left:]:
        made.trade(key, -made.truth[key], pushed=False, executed=False)
    made.wait(45.0)
    assert len(made.held) == 10 * accounts
    made.wait(BOUND_S - 45.0)
    assert made.held.keys() == made.truth.keys()
    assert made.closings.unknown == {}


def test_what_values_do_not_show_is_not_closed_by_them() -> None:
    """An option that is worth nothing, or a bond, is not in their sum."""
    made = world(4)
    made.never_updates, made.values, made.hidden = True, "given", {1, 2}
    for n in (0, 3):
        made.trade(("DU0", n), Decimal(-10), pushed=False, executed=False)
    made.answer_as("empty", "silent", "")
    made.wait(3600.0)
    assert made.held.keys() == made.truth.keys() == {("DU0", 1), ("DU0", 2)}
    assert "lacks 2 of 2" in made.closings.unknown["DU0"].reason


@pytest.mark.parametrize("values", ["given", "undecided"])
@pytest.mark.parametrize("holdings", [2, 30])
def test_an_account_that_is_not_listed_stays_while_its_values_do_not_agree(
    values: str, holdings: int
) -> None:
    """Though it was listed, others are, and executions explain nothing: for as long as it lasts."""
    made = world(holdings, accounts=2)
    made.never_updates, made.values = True, values
    made.answer_as("absent", "silent", "DU0")
    made.wait(7200.0)
    assert made.held.keys() == made.truth.keys()
    assert "account values do not say" in made.closings.unknown["DU0"].reason


def test_nothing_is_not_believed_to_be_held_while_values_say_something_is() -> None:
    """A new gateway, at a TWS that another session displaces for hours."""
    made = World(("DU0", "DU1"))
    made.truth[("DU1", 1)] = Decimal(10)
    made.answer_as("empty", "silent", "")
    made.values = "given"
    made.wait(7200.0)
    assert made.closings.unknown[""].reason == (
        "TWS lists no positions, and account values do not say that nothing is held"
    )
    made.truth.clear()
    made.wait(BOUND_S)
    assert made.closings.unknown == {}


@pytest.mark.parametrize("values", ["given", "undecided"])
def test_what_is_pushed_meanwhile_closes_nothing_that_answers_leave_out(values: str) -> None:
    """A push of a new holding is no sign that answers list its account."""
    made = world(4, accounts=2)
    made.never_updates, made.values = True, values
    made.answer_as("absent", "silent", "DU0")
    made.wait(600.0)
    for con_id in range(100, 112):
        made.trade(("DU0", con_id), Decimal(1), pushed=True, executed=False)
        # Neither polls nor looks at values are so far apart: one of the two comes first by turns.
        made.wait(1.3)
    assert made.held.keys() == made.truth.keys()


@pytest.mark.parametrize("late", ["update", "values"])
def test_evidence_that_was_not_given_long_ago_is_asked_for_anew_before_time_decides(
    late: str,
) -> None:
    """TWS gave neither at first; by now one of them says that the account is held."""
    made = world(4, accounts=2, interval_s=2.0)
    made.pause_s = 60.0
    made.answer_as("empty", "silent", "")
    made.wait(16.0)
    if late == "values":
        made.never_updates, made.values = True, "given"
    made.answer_as("absent", "given", "DU0")
    made.wait(7200.0)
    assert made.held.keys() == made.truth.keys()
