"""Who gets a line: the limit holds at every step, and priority decides."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slotwise.lines import idle_lines, plan_lines

con_ids = st.integers(1, 12)
wanted_maps = st.dictionaries(con_ids, st.integers(1, 4))
limits = st.integers(0, 8)


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[int, int], list[int], int]:
    """Draw what is wanted, what is held within the limit, and the limit."""
    limit = draw(limits)
    held = draw(st.lists(con_ids, unique=True, max_size=limit))
    return draw(wanted_maps), held, limit


@given(situations())
def test_the_limit_holds_after_every_single_step(
    situation: tuple[dict[int, int], list[int], int],
) -> None:
    wanted, held, limit = situation
    plan = plan_lines(wanted, held, limit)
    lines = set(held)
    for con_id in plan.close:
        lines.remove(con_id)
    for con_id in plan.open:
        assert con_id not in lines
        lines.add(con_id)
        assert len(lines) <= limit


@given(wanted_maps, st.lists(con_ids, unique=True), limits)
def test_a_limit_that_was_lowered_is_kept_again(
    wanted: dict[int, int], held: list[int], limit: int
) -> None:
    plan = plan_lines(wanted, held, limit)
    assert len(set(held) - set(plan.close) | set(plan.open)) <= limit


@given(situations())
def test_only_wanted_contracts_hold_lines(
    situation: tuple[dict[int, int], list[int], int],
) -> None:
    wanted, held, limit = situation
    plan = plan_lines(wanted, held, limit)
    lines = set(held) - set(plan.close) | set(plan.open)
    assert lines <= set(wanted)
    assert lines | set(plan.waiting) == set(wanted)
    assert not lines & set(plan.waiting)
    assert len(lines) == min(limit, len(wanted)), "no line is idle while a contract waits"


@given(situations())
def test_nobody_waits_while_a_lower_priority_holds_a_line(
    situation: tuple[dict[int, int], list[int], int],
) -> None:
    wanted, held, limit = situation
    plan = plan_lines(wanted, held, limit)
    lines = set(held) - set(plan.close) | set(plan.open)
    worst = max((wanted[con_id] for con_id in lines), default=0)
    assert all(wanted[con_id] >= worst for con_id in plan.waiting)


@given(situations())
def test_equal_claims_never_swap(situation: tuple[dict[int, int], list[int], int]) -> None:
    """A line is taken from a wanted contract only for one of strictly higher priority."""
    wanted, held, limit = situation
    plan = plan_lines(wanted, held, limit)
    for con_id in set(plan.close) & set(wanted):
        assert all(wanted[winner] < wanted[con_id] for winner in plan.open)


@given(situations())
def test_a_plan_carried_out_needs_no_other(
    situation: tuple[dict[int, int], list[int], int],
) -> None:
    wanted, held, limit = situation
    plan = plan_lines(wanted, held, limit)
    lines = [con_id for con_id in held if con_id not in plan.close] + list(plan.open)
    again = plan_lines(wanted, lines, limit)
    assert (again.close, again.open) == ((), ())
    assert set(again.waiting) == set(plan.waiting)


def test_the_highest_priority_opens_first() -> None:
    plan = plan_lines({1: 3, 2: 1, 3: 2}, [], 2)
    assert (plan.open, plan.waiting) == ((2, 3), (1,))


@given(st.integers(-5, 200), st.integers(0, 200), st.integers(0, 200))
def test_idle_lines_are_what_neither_streams_nor_quotes(
    limit: int, held: int, in_flight: int
) -> None:
    assert idle_lines(limit, held, in_flight) == max(limit - held - in_flight, 0)
