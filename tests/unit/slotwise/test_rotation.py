"""Quotes of bounded age: who is due, and how old a quote can get."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.rules.quote_shares import (
    PROMISED,
    SILENT_SHARE,
    WATCH_SHARE,
    QuoteTarget,
    periods,
)
from slotwise.rules.rotation import Rotation
from tests.support.effort import examples

weights = st.sampled_from([1.0, 1.5, 2.0, 4.0])
bounds = st.sampled_from([1.0, 5.0, 15.0])
any_target = st.builds(QuoteTarget, weights) | st.builds(QuoteTarget, st.just(1.0), bounds)
target_maps = st.dictionaries(st.integers(1, 60), any_target, min_size=1, max_size=40)
rates = st.sampled_from([0.5, 3.0, 20.0, 43.0])


@given(target_maps, rates)
def test_the_periods_use_up_the_rate(targets: dict[int, QuoteTarget], rate: float) -> None:
    """No more, so that none is late; and no less, where a contract can take it."""
    used = sum(1 / period for period in periods(targets, rate).values())
    assert used <= PROMISED * rate * (1 + 1e-9)
    if any(target.bound_s is None for target in targets.values()):
        assert used == pytest.approx(PROMISED * rate)


@given(target_maps, rates)
def test_watched_contracts_keep_their_own_bound_while_the_rate_allows(
    targets: dict[int, QuoteTarget], rate: float
) -> None:
    watched = {c: target.bound_s for c, target in targets.items() if target.bound_s is not None}
    found = periods(targets, rate)
    enough = sum(1 / bound for bound in watched.values()) <= WATCH_SHARE * PROMISED * rate
    for con_id, bound in watched.items():
        assert found[con_id] >= bound * (1 - 1e-9)
        if enough:
            assert found[con_id] == pytest.approx(bound)


def test_weight_divides_what_is_left() -> None:
    """Twice the weight, half the age."""
    found = periods(
        {1: QuoteTarget(1.0), 2: QuoteTarget(2.0), 3: QuoteTarget(bound_s=1.0)}, 4.0 / PROMISED
    )
    assert found == {3: 1.0, 1: pytest.approx(1.0), 2: pytest.approx(0.5)}


def test_without_a_rate_nothing_is_promised() -> None:
    assert periods({1: QuoteTarget()}, 0.0) == {1: inf}


@settings(max_examples=examples(60), deadline=None)
@given(target_maps, rates)
def test_no_quote_gets_much_older_than_its_period(
    targets: dict[int, QuoteTarget], rate: float
) -> None:
    """Within the period, a fifth of it, and one quote of each watched contract and a few others."""
    rotation = Rotation()
    rotation.want(targets)
    rotation.pace(rate, 0.0)
    watched = sum(target.bound_s is not None for target in targets.values())
    step, now = 1 / rate, 0.0
    longest = max(rotation.planned_s(con_id) or 0.0 for con_id in targets)
    seen: dict[int, float] = {}
    while now < 4 * longest + 10 * step:
        con_id = rotation.take(now)
        assert con_id is not None
        now += step
        # In the first round those that never had a quote go before those that are due.
        if con_id in seen and now > 2 * longest + len(targets) * step:
            period = rotation.planned_s(con_id)
            assert period is not None
            assert now - seen[con_id] <= 1.2 * period + (4 + watched) * step
        seen[con_id] = now
        rotation.quoted(con_id, now)
    assert seen.keys() == targets.keys()


@settings(max_examples=examples(20), deadline=None)
@given(
    living=st.integers(1, 30),
    silent=st.integers(0, 300),
    rate=st.sampled_from([1.0, 5.0, 20.0]),
    rest_s=st.sampled_from([1.0, 60.0, 300.0]),
    quoted_once=st.booleans(),
)
def test_silent_contracts_have_a_bounded_share(
    living: int, silent: int, rate: float, rest_s: float, quoted_once: bool
) -> None:
    """Others keep four fifths of their pace, and each silent one is tried again in turn."""
    rotation, now, step = Rotation(), 0.0, 1 / rate
    names = [*range(1, silent + 1), *range(1001, 1001 + living)]
    rotation.want(dict.fromkeys(names, QuoteTarget()))
    asked_at: dict[int, float] = {}
    between: dict[int, list[float]] = {con_id: [] for con_id in names}
    # All are known for what they are after two tries each.
    settled = 2 * (len(names) * step + rest_s) + 10 * step
    longest = max(living / (0.8 * rate), silent / (0.2 * rate) + rest_s)
    while now < settled + 4 * longest:
        rotation.pace(rate, now)
        con_id = rotation.take(now)
        now += step
        if con_id is None:
            continue
        if now > settled + longest:
            between[con_id].append(now - asked_at[con_id])
        first = con_id not in asked_at
        asked_at[con_id] = now
        if con_id > 1000 or (quoted_once and first):
            rotation.quoted(con_id, now)
        else:
            rotation.rest(con_id, now + rest_s)
    for con_id in names:
        since = [*between[con_id], now - asked_at[con_id]]
        if con_id > 1000:
            assert max(since) <= 1.3 * living / (0.8 * PROMISED * rate) + 6 * step
        else:
            assert max(since) <= 1.3 * silent / (0.2 * rate) + rest_s + (6 + living) * step


def test_a_contract_that_gives_a_quote_at_last_is_silent_no_more() -> None:
    rotation = Rotation()
    rotation.want({1: QuoteTarget(), 2: QuoteTarget(bound_s=5.0)})
    rotation.pace(1.0, 0.0)
    for con_id in (1, 2):
        rotation.rest(con_id, 1.0)
        rotation.rest(con_id, 1.0)
    rotation.pace(1.0, 1.0)
    assert (rotation.planned_s(1), rotation.planned_s(2)) == (None, None)
    assert [rotation.take(1.0), rotation.take(1.0)] == [2, 1]
    rotation.quoted(1, 2.0)
    rotation.quoted(2, 2.0)
    rotation.pace(1.0, 2.0)
    assert rotation.planned_s(1) is not None
    assert rotation.planned_s(2) == 5.0


def test_a_rest_that_is_ended_early_says_nothing_of_the_contract() -> None:
    rotation = Rotation()
    rotation.want({1: QuoteTarget()})
    rotation.quoted(1, 0.0)
    rotation.rest(1, 60.0)
    rotation.end_rest(1, 2.0)
    rotation.end_rest(1, 5.0)
    rotation.pace(1.0, 2.0)
    assert not rotation.resting()
    assert not rotation.is_silent(1)


def test_a_market_that_opens_makes_silent_contracts_equal_again() -> None:
    rotation = Rotation()
    rotation.want({1: QuoteTarget()})
    for _ in range(2):
        rotation.rest(1, 1.0)
    assert rotation.is_silent(1)
    rotation.rest(1, 1.0, asked=False)
    assert not rotation.is_silent(1)


def test_a_quote_by_the_way_puts_the_contract_back() -> None:
    """A price from a line or a bar counts as well."""
    rotation = Rotation()
    rotation.want({1: QuoteTarget(), 2: QuoteTarget()})
    rotation.pace(1.0, 0.0)
    rotation.quoted(1, 0.0)
    assert rotation.take(0.0) == 2
    rotation.quoted(2, 1.0)
    rotation.quoted(1, 2.0)
    assert rotation.take(2.0) == 2


def test_a_watched_contract_goes_first_when_it_is_due() -> None:
    """However long the others have been due; before that it waits for its time."""
    rotation = Rotation()
    rotation.want({1: QuoteTarget(), 2: QuoteTarget(), 3: QuoteTarget(bound_s=5.0)})
    rotation.pace(1.0, 0.0)
    assert [rotation.take(0.0) for _ in range(3)] == [3, 1, 2]
    rotation.quoted(3, 0.0)
    rotation.quoted(1, 1.0)
    rotation.quoted(2, 2.0)
    assert rotation.take(4.9) == 1
    rotation.put_back(1)
    assert rotation.take(5.0) == 3


def test_who_rests_leaves_his_share_to_the_others() -> None:
    """And has it again afterwards."""
    rotation = Rotation()
    rotation.want({1: QuoteTarget(), 2: QuoteTarget()})
    rotation.pace(1.0 / PROMISED, 0.0)
    assert rotation.planned_s(1) == pytest.approx(2.0)
    rotation.quoted(2, 0.0)
    rotation.rest(2, 10.0)
    rotation.pace(1.0 / PROMISED, 1.0)
    assert rotation.planned_s(1) == pytest.approx(1.0)
    assert rotation.planned_s(2) is None
    rotation.pace(1.0 / PROMISED, 10.0)
    assert rotation.planned_s(2) == pytest.approx(2.0)


def test_ages_are_returned() -> None:
    """Never quoted is infinitely old."""
    rotation = Rotation()
    rotation.want({1: QuoteTarget(), 2: QuoteTarget(), 3: QuoteTarget()})
    rotation.quoted(1, 5.0)
    rotation.rest(3, 99.0)
    assert rotation.ages_s(7.0) == {1: 2.0, 2: inf}
    assert rotation.resting() == {3: 99.0}


@settings(max_examples=examples(15), deadline=None)
@given(
    silent=st.integers(0, 400),
    living=st.integers(1, 30),
    rate=st.integers(1, 20),
    rest_s=st.sampled_from((5.0, 60.0, 300.0)),
)
def test_contracts_that_never_gave_a_quote_delay_no_other_after_one_try(
    silent: int, living: int, rate: int, rest_s: float
) -> None:
    """Once each was tried, quotes of the living come within what is promised."""
    rotation = Rotation()
    alive = range(1000, 1000 + living)
    rotation.want({con_id: QuoteTarget() for con_id in (*range(silent), *alive)})
    quoted_at: dict[int, float] = {}
    # Those that were tried already have their share meanwhile.
    tried_once_s = (silent + living + 1) / (rate * (1 - SILENT_SHARE)) + 1.0
    for step in range(int((2 * tried_once_s + 60.0) * rate)):
        now = step / rate
        if step % rate == 0:
            rotation.pace(rate, now)
        con_id = rotation.take(now)
        if con_id is None:
            continue
        if con_id not in alive:
            rotation.rest(con_id, now + rest_s)
            continue
        before = max(quoted_at.get(con_id, 0.0), tried_once_s)
        promised_s = living / (rate * PROMISED * (1 - SILENT_SHARE))
        assert now - before <= 1.2 * promised_s + 4.0 / rate + 1.0
        rotation.quoted(con_id, now)
        quoted_at[con_id] = now
    assert quoted_at.keys() == set(alive)
