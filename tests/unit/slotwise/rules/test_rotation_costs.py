"""Quotes go where they pay, under an age cap for all, and none more often than the floor allows."""

from __future__ import annotations

import random
from collections.abc import Mapping
from math import inf, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.rules.dearest import Dearest
from slotwise.rules.quote_shares import CAP_SHARE, PROMISED, SILENT_SHARE, QuoteTarget
from slotwise.rules.rotation import Rotation
from tests.support.effort import examples

#: What a holding's price may be off by a second after its quote, times its stake.
costs_at_first = st.floats(0.0, 1e6, allow_nan=False)
holdings = st.dictionaries(st.integers(1, 40), costs_at_first, min_size=1, max_size=30)
rates = st.sampled_from([1.0, 4.0, 20.0])
floors = st.sampled_from([0.0, 0.5, 5.0])


class Turns:
    """A rotation that is asked for a quote as often as the rate allows, by a clock of its own."""

    def __init__(self, stakes: Mapping[int, float], rate: float, floor_s: float = 0.0) -> None:
        self.stakes = stakes
        self.rate = rate
        self.rotation = Rotation(floor_s)
        self.rotation.want(dict.fromkeys(stakes, QuoteTarget()))
        self.quoted_at: dict[int, float] = {}
        self.asked: list[tuple[float, int]] = []
        self.now = 0.0
        #: Costs grow with the root of the age, as bands do.
        self.weighs = True

    def cost(self, con_id: int) -> float:
        return self.stakes[con_id] * sqrt(self.now - self.quoted_at.get(con_id, 0.0))

    def run(self, seconds: float) -> None:
        until, next_weighing = self.now + seconds, self.now
        while self.now < until:
            if self.weighs and self.now >= next_weighing:
                self.rotation.weigh({con_id: self.cost(con_id) for con_id in self.quoted_at})
                next_weighing += 1.0
            self.rotation.pace(self.rate, self.now)
            con_id = self.rotation.take(self.now)
            if con_id is not None:
                self.rotation.asked(con_id, self.now)
                self.asked.append((self.now, con_id))
            self.now += 1.0 / self.rate
            if con_id is not None:
                self.rotation.quoted(con_id, self.now)
                self.quoted_at[con_id] = self.now


@settings(max_examples=examples(40), deadline=None)
@given(holdings, rates, floors)
def test_no_contract_is_asked_more_often_than_the_floor_allows(
    stakes: dict[int, float], rate: float, floor_s: float
) -> None:
    turns = Turns(stakes, rate, floor_s)
    turns.run(40.0 + 4 * len(stakes) / rate)
    last: dict[int, float] = {}
    for at, con_id in turns.asked:
        assert at - last.get(con_id, -inf) >= floor_s - 1e-9
        last[con_id] = at
    assert last.keys() == stakes.keys()


@given(holdings, rates)
def test_the_floor_alone_leaves_rate_idle_and_says_for_how_long(
    stakes: dict[int, float], rate: float
) -> None:
    """Where all were asked a moment ago none is next, until the first may be asked again."""
    rotation = Rotation(5.0)
    rotation.want(dict.fromkeys(stakes, QuoteTarget()))
    rotation.pace(rate, 0.0)
    step = 0.1 / len(stakes)
    for number in range(len(stakes)):
        con_id = rotation.take(number * step)
        assert con_id is not None
        rotation.asked(con_id, number * step)
        rotation.quoted(con_id, number * step)
    assert rotation.take(0.2) is None
    assert rotation.wait_s(0.2) == pytest.approx(4.8)
    assert rotation.take(4.9) is None
    first = rotation.take(5.0)
    assert first is not None
    rotation.put_back(first)
    assert rotation.take(5.0) is not None, "what was not asked for after all may be asked at once"


@settings(max_examples=examples(40), deadline=None)
@given(holdings, rates, floors)
def test_no_quote_gets_much_older_than_its_cap_whatever_others_cost(
    stakes: dict[int, float], rate: float, floor_s: float
) -> None:
    turns = Turns(stakes, rate, floor_s)
    cap_s = max(len(stakes) / (rate * PROMISED * CAP_SHARE), floor_s)
    turns.run(6 * cap_s + 10 / rate)
    assert all(
        turns.rotation.planned_s(con_id) in (pytest.approx(cap_s), pytest.approx(cap_s * CAP_SHARE))
        for con_id in stakes
    )
    ages: dict[int, list[float]] = {con_id: [] for con_id in stakes}
    last = dict.fromkeys(stakes, 0.0)
    for at, con_id in turns.asked:
        ages[con_id].append(at - last[con_id])
        last[con_id] = at
    for con_id, between in ages.items():
        oldest = max(*between, turns.now - last[con_id], 0.0)
        assert oldest <= 1.2 * cap_s + 6 / rate + 1.0, con_id


@settings(max_examples=examples(60), deadline=None)
@given(
    st.dictionaries(st.integers(1, 30), st.floats(0.01, 1e6), min_size=2, max_size=30),
    st.integers(1, 10),
)
def test_while_none_is_due_the_dearest_goes_first(costs: dict[int, float], count: int) -> None:
    rotation = Rotation()
    rotation.want(dict.fromkeys(costs, QuoteTarget()))
    rotation.pace(1.0, 0.0)
    for con_id in costs:
        rotation.quoted(con_id, 0.0)
    rotation.weigh(costs)
    taken = [rotation.take(0.1) for _ in range(min(count, len(costs)))]
    dearest = sorted(costs.values(), reverse=True)[: len(taken)]
    assert [costs[con_id] for con_id in taken if con_id is not None] == dearest


def test_an_old_quote_goes_before_a_dear_one_and_a_watched_one_before_both() -> None:
    rotation = Rotation()
    rotation.want({1: QuoteTarget(), 2: QuoteTarget(), 3: QuoteTarget(bound_s=5.0)})
    rotation.pace(1.0, 0.0)
    for con_id in (1, 2, 3):
        rotation.quoted(con_id, 0.0)
    rotation.weigh({1: 1.0, 2: 100.0})
    rotation.quoted(2, 4.0)
    rotation.quoted(3, 4.0)
    assert [rotation.take(4.5) for _ in range(2)] == [2, 1]
    rotation.put_back(1)
    rotation.put_back(2)
    rotation.weigh({1: 1.0, 2: 100.0})
    assert [rotation.take(9.5) for _ in range(3)] == [3, 1, 2]


def test_a_contract_is_not_taken_again_for_a_cost_of_before_its_quote() -> None:
    rotation = Rotation()
    rotation.want({1: QuoteTarget(), 2: QuoteTarget()})
    rotation.pace(1.0, 0.0)
    for con_id in (1, 2):
        rotation.quoted(con_id, 0.0)
    rotation.weigh({1: 100.0, 2: 1.0})
    assert rotation.take(0.1) == 1
    rotation.quoted(1, 0.2)
    assert rotation.take(0.3) == 2


def test_a_cost_that_is_not_known_leaves_a_contract_its_cap() -> None:
    stakes = {con_id: 100.0 if con_id <= 5 else 0.0 for con_id in range(1, 21)}
    turns = Turns(stakes, 2.0)
    turns.run(200.0)
    counted = dict.fromkeys(stakes, 0)
    for _, con_id in turns.asked:
        counted[con_id] += 1
    dear, unknown = min(counted[c] for c in range(1, 6)), [counted[c] for c in range(6, 21)]
    assert min(unknown) >= 200.0 / (1.2 * 20 / (2.0 * PROMISED * CAP_SHARE)) - 1
    assert dear > 2 * max(unknown)


@pytest.mark.parametrize("seed", range(4))
def test_quotes_that_go_where_they_pay_leave_less_unknown_than_quotes_in_turn(seed: int) -> None:
    """A book as books are: a few holdings are most of the money."""
    rng = random.Random(seed)
    stakes = {con_id: rng.lognormvariate(3.0, 1.5) for con_id in range(1, 101)}

    def mean_cost(*, weighs: bool) -> float:
        turns = Turns(stakes, 10.0)
        turns.weighs = weighs
        turns.run(30.0)
        total = 0.0
        for _ in range(120):
            turns.run(0.5)
            total += sqrt(sum(turns.cost(con_id) ** 2 for con_id in stakes))
        return total / 120

    assert mean_cost(weighs=True) < 0.8 * mean_cost(weighs=False)


@settings(max_examples=examples(15), deadline=None)
@given(
    living=st.integers(1, 20),
    silent=st.integers(1, 60),
    rate=st.sampled_from([2.0, 10.0]),
)
def test_silent_contracts_keep_their_share_beside_dear_ones(
    living: int, silent: int, rate: float
) -> None:
    rotation, now = Rotation(), 0.0
    names = [*range(1, living + 1), *range(1001, 1001 + silent)]
    rotation.want(dict.fromkeys(names, QuoteTarget()))
    tries = dict.fromkeys(names, 0)
    seconds = int(4 * (living + silent) / rate + 4 * silent / (SILENT_SHARE * rate)) + 10
    for step in range(int(seconds * rate)):
        now = step / rate
        if step % int(rate) == 0:
            rotation.weigh(dict.fromkeys(range(1, living + 1), 1.0 + now))
            rotation.pace(rate, now)
        con_id = rotation.take(now)
        if con_id is None:
            continue
        tries[con_id] += 1
        if con_id > 1000:
            rotation.rest(con_id, now + 1.0)
        else:
            rotation.quoted(con_id, now)
    assert min(tries[con_id] for con_id in range(1001, 1001 + silent)) >= 2
    of_silent = sum(tries[con_id] for con_id in range(1001, 1001 + silent))
    # Each was new once; from then on they have their share and no more.
    assert of_silent - silent <= SILENT_SHARE * sum(tries.values()) + 2


def test_costs_that_are_no_numbers_are_left_out() -> None:
    dearest = Dearest()
    dearest.weigh({1: inf, 2: 0.0, 3: 2.0, 4: float("nan"), 5: 1.0})
    assert dearest.first(lambda con_id: True) == 3
    dearest.took(3)
    assert dearest.first(lambda con_id: True) == 5
    dearest.weigh({1: float("nan")})
    assert not dearest.weighs
    assert dearest.first(lambda con_id: True) is None


@given(
    st.lists(
        st.tuples(st.sampled_from(["take", "quoted", "rest", "want", "pace", "back", "weigh"]),
                  st.integers(1, 6), st.floats(0.0, 3.0)),
        max_size=60,
    ),
    st.sampled_from([0.0, 2.0]),
)  # fmt: skip
def test_whatever_happens_no_contract_is_lost_and_none_taken_twice(
    steps: list[tuple[str, int, float]], floor_s: float
) -> None:
    """A contract neither out nor at rest is found by taking until none is left."""
    rotation, now = Rotation(floor_s), 0.0
    wanted, out, resting = {1, 2, 3}, set[int](), dict[int, float]()
    asked_at: dict[int, float] = {}
    rotation.want(dict.fromkeys(wanted, QuoteTarget()))
    for what, con_id, seconds in steps:
        now += seconds
        if what == "take":
            taken = rotation.take(now)
            if taken is not None:
                assert taken in wanted - out - set(resting)
                assert now - asked_at.get(taken, -inf) >= floor_s
                rotation.asked(taken, now)
                asked_at[taken] = now
                out.add(taken)
        elif what == "quoted":
            rotation.quoted(con_id, now)
            out.discard(con_id)
        elif what == "back":
            rotation.put_back(con_id)
            out.discard(con_id)
        elif what == "rest":
            rotation.rest(con_id, now + seconds)
            out.discard(con_id)
            if con_id in wanted:
                resting[con_id] = now + seconds
        elif what == "want":
            wanted ^= {con_id}
            rotation.want(dict.fromkeys(wanted, QuoteTarget()))
            resting = {c: until for c, until in resting.items() if c in wanted}
        elif what == "weigh":
            rotation.weigh({con_id: seconds, con_id % 6 + 1: 1.0})
        else:
            rotation.pace(1.0, now)
            resting = {c: until for c, until in resting.items() if until > now}
    now += floor_s
    found = set()
    while (taken := rotation.take(now)) is not None:
        assert taken not in found
        found.add(taken)
    assert found == wanted - out - set(resting)
