"""Who gets a line: the limit holds at every step, priority decides, turns are fair."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.rules.lines import Claim, LinePlan, Pace, idle_lines, left_for_quotes, plan_lines
from tests.support.effort import examples

NOW = 1000.0
PACE = Pace(dwell_s=2.0, turn_s=30.0)

con_ids = st.integers(1, 12)
claims = st.builds(Claim, st.integers(1, 4), st.integers(1, 3))
wanted_maps = st.dictionaries(con_ids, claims)
ages = st.sampled_from([0.0, 1.9, 2.0, 5.0, 29.9, 30.0, 500.0])


@dataclass
class Situation:
    """Hold what a plan is made from."""

    wanted: dict[int, Claim]
    held: dict[int, float]
    limit: int
    opened_before: dict[int, float] = field(default_factory=dict)
    queue: tuple[int, ...] = ()

    def plan(self, now: float = NOW) -> LinePlan:
        """Plan at a time."""
        return plan_lines(
            self.wanted, self.held, self.limit, now, opened_before=self.opened_before,
            queue=self.queue, pace=PACE,
        )  # fmt: skip

    def lines_after(self, plan: LinePlan) -> set[int]:
        """Carry a plan out."""
        return set(self.held) - set(plan.close) | set(plan.open)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Draw what is wanted, what is held and since when, and the limit, which may be exceeded."""
    held = {c: NOW - draw(ages) for c in draw(st.lists(con_ids, unique=True, max_size=8))}
    others = [con_id for con_id in range(1, 13) if con_id not in held]
    return Situation(
        wanted=draw(wanted_maps),
        held=held,
        limit=draw(st.integers(-1, 8)),
        opened_before={c: NOW - draw(ages) for c in others if draw(st.booleans())},
        queue=tuple(draw(st.lists(con_ids, unique=True))),
    )


@settings(max_examples=examples(200))
@given(situations())
def test_the_limit_holds_after_every_single_step(situation: Situation) -> None:
    """Closing comes first; a limit that was lowered is kept again at once."""
    plan = situation.plan()
    lines = set(situation.held)
    for con_id in plan.close:
        lines.remove(con_id)
    for con_id in plan.open:
        assert con_id not in lines
        lines.add(con_id)
        assert len(lines) <= situation.limit
    assert len(lines) <= max(situation.limit, 0)


@settings(max_examples=examples(200))
@given(situations())
def test_a_contract_not_wanted_keeps_no_line_and_none_is_forgotten(situation: Situation) -> None:
    """Every wanted contract holds a line or waits in the visible order, once."""
    plan = situation.plan()
    lines = situation.lines_after(plan)
    assert lines <= set(situation.wanted)
    assert sorted([*lines, *plan.waiting]) == sorted(situation.wanted)


def resting(situation: Situation, con_id: int) -> bool:
    """Return True where a contract gave its line back too short a time ago."""
    opened_at = situation.opened_before.get(con_id)
    return con_id not in situation.held and opened_at is not None and NOW - opened_at < 2.0


@settings(max_examples=examples(200))
@given(situations())
def test_no_line_is_idle_while_a_contract_could_take_it(situation: Situation) -> None:
    plan = situation.plan()
    able = [con_id for con_id in situation.wanted if not resting(situation, con_id)]
    assert len(situation.lines_after(plan)) == min(max(situation.limit, 0), len(able))


@settings(max_examples=examples(200))
@given(situations())
def test_none_waits_while_a_lower_one_holds_a_line_beyond_its_dwell(
    situation: Situation,
) -> None:
    """A lower one that is kept is young; one that is opened has none above it that waits."""
    plan, wanted = situation.plan(), situation.wanted
    for left_out in plan.waiting:
        if resting(situation, left_out):
            continue
        for holder in situation.lines_after(plan):
            if wanted[holder].priority > wanted[left_out].priority:
                assert holder in situation.held
                assert NOW - situation.held[holder] < PACE.dwell_s


@settings(max_examples=examples(200))
@given(situations())
def test_a_wanted_line_is_only_taken_for_its_limit_a_higher_priority_or_a_turn(
    situation: Situation,
) -> None:
    """And never within its dwell, unless there are fewer lines than are held."""
    plan, wanted = situation.plan(), situation.wanted
    taken = set(plan.close) & set(wanted)
    if len(set(situation.held) & set(wanted)) > max(situation.limit, 0):
        return
    for con_id in taken:
        age = NOW - situation.held[con_id]
        assert age >= PACE.dwell_s
        best = min(wanted[winner].priority for winner in plan.open)
        assert best < wanted[con_id].priority or (
            best == wanted[con_id].priority and age >= PACE.turn_s
        )


@settings(max_examples=examples(200))
@given(situations())
def test_a_limit_that_falls_costs_the_lowest_their_lines(situation: Situation) -> None:
    """However young a line is: none of a higher priority is closed while a lower one is kept."""
    plan, wanted = situation.plan(), situation.wanted
    held = set(situation.held) & set(wanted)
    if len(held) <= max(situation.limit, 0):
        return
    kept = held - set(plan.close)
    for closed in held & set(plan.close):
        assert all(wanted[keeper].priority <= wanted[closed].priority for keeper in kept)


@settings(max_examples=examples(200))
@given(situations())
def test_a_plan_carried_out_needs_no_other_until_its_time(situation: Situation) -> None:
    """Nothing changes by itself before `change_at`, and what it names does change things."""
    plan = situation.plan()
    held = {c: situation.held.get(c, NOW) for c in situation.lines_after(plan)}
    before = {**situation.opened_before, **{c: situation.held[c] for c in plan.close}}
    after = Situation(situation.wanted, held, situation.limit, before,
                      plan.waiting)  # fmt: skip
    again = after.plan()
    # A line that was closed may have a rest to keep, so that the next in order moves up; and of
    # several whose turn is over, those that stayed are the next to go.
    rests = any(resting(after, con_id) for con_id in plan.close)
    if not rests and not any(turn_is_over(after, con_id) for con_id in held):
        assert (again.close, again.open) == ((), ())
    until = again.change_at
    later = after.plan(until - 1e-6) if until is not None else after.plan(NOW + 1e6)
    assert (later.close, later.open) == (again.close, again.open)


def turn_is_over(situation: Situation, con_id: int) -> bool:
    """Return True where a line is due to a contract of the same priority that waits."""
    priority = situation.wanted[con_id].priority
    waits = any(situation.wanted[other].priority == priority for other in situation.queue)
    return waits and NOW - situation.held[con_id] >= PACE.turn_s


class World:
    """Carry plans out for a while, and note who held a line how long."""

    def __init__(self, wanted: dict[int, Claim], limit: int) -> None:
        self.now = 0.0
        self.wanted = wanted
        self.limit = limit
        self.held: dict[int, float] = {}
        self.before: dict[int, float] = {}
        self.queue: tuple[int, ...] = ()
        self.time: dict[int, float] = {}
        self.opened: list[tuple[float, int]] = []

    def step(self, seconds: float) -> LinePlan:
        """Let time pass, then carry a plan out."""
        for con_id in self.held:
            self.time[con_id] = self.time.get(con_id, 0.0) + seconds
        self.now += seconds
        plan = plan_lines(
            self.wanted, self.held, self.limit, self.now, opened_before=self.before,
            queue=self.queue, pace=PACE,
        )  # fmt: skip
        for con_id in plan.close:
            self.before[con_id] = self.held.pop(con_id)
        for con_id in plan.open:
            self.held[con_id] = self.now
            self.opened.append((self.now, con_id))
        self.queue = plan.waiting
        return plan


@pytest.mark.parametrize(("contracts", "lines"), [(2, 1), (5, 2), (7, 3), (4, 3)])
def test_turns_are_fair(contracts: int, lines: int) -> None:
    """Over many turns everybody holds a line for the same time, to within two turns."""
    world = World({con_id: Claim(2) for con_id in range(1, contracts + 1)}, lines)
    for _ in range(3000):
        world.step(1.0)
    fair = 3000 * lines / contracts
    assert set(world.time) == set(world.wanted)
    assert all(abs(time - fair) <= 2 * PACE.turn_s for time in world.time.values()), world.time


def test_who_is_above_the_turns_keeps_its_line() -> None:
    """Only the priority for which lines run out takes turns; those below it wait."""
    world = World({1: Claim(1), 2: Claim(2), 3: Claim(2), 4: Claim(3)}, 2)
    for _ in range(600):
        world.step(1.0)
    assert world.time[1] == pytest.approx(599, abs=1)
    assert 4 not in world.time
    assert abs(world.time[2] - world.time[3]) <= PACE.turn_s


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([0, 1, 2, 9])), max_size=60))
def test_whatever_is_wished_for_lines_do_not_flap(changes: list[tuple[int, int]]) -> None:
    """A contract gets at most one line in a dwell; ten changes come within a second."""
    world = World({}, 2)
    for con_id, priority in changes:
        if priority:
            world.wanted[con_id] = Claim(priority)
        else:
            world.wanted.pop(con_id, None)
        world.step(0.1)
    last: dict[int, float] = {}
    for at, con_id in world.opened:
        assert at - last.get(con_id, -10.0) >= PACE.dwell_s - 1e-9
        last[con_id] = at


def test_the_highest_priority_opens_first_then_the_greatest_need() -> None:
    wanted = {1: Claim(3), 2: Claim(1), 3: Claim(2), 4: Claim(2, need=2)}
    plan = plan_lines(wanted, {}, 3, NOW)
    assert (plan.open, plan.waiting) == ((2, 4, 3), (1,))


@given(st.integers(-5, 200), st.integers(0, 200), st.integers(0, 200))
def test_idle_lines_are_what_neither_streams_nor_quotes(
    limit: int, held: int, in_flight: int
) -> None:
    assert idle_lines(limit, held, in_flight) == max(limit - held - in_flight, 0)


@given(st.integers(0, 200), st.integers(0, 20))
def test_strategies_leave_a_few_lines_to_quotes_in_turn_and_keep_at_least_half(
    limit: int, reserve: int
) -> None:
    left = left_for_quotes(limit, reserve, quotes=True)
    assert left <= reserve
    assert limit - left >= limit / 2
    assert left == reserve or limit < 2 * reserve
    assert left_for_quotes(limit, reserve, quotes=False) == 0


def test_a_plan_that_changes_nothing_compares_no_claims() -> None:
    """So it is in most seconds; a hundred contracts are planned in each."""

    class UnreadClaims(dict[int, Claim]):
        def __getitem__(self, con_id: int) -> Claim:
            raise AssertionError("claims were compared")

    wanted = UnreadClaims({1: Claim(2), 2: Claim(1)})
    plan = plan_lines(wanted, {2: NOW, 1: NOW}, 2, NOW)
    assert plan == LinePlan(close=(), open=(), waiting=())
