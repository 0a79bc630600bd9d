"""Whatever happens to positions: what is held is never closed, what is closed is in bounds."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.gateway.closings_world import BOUND_S, MODES, SLOW_POLL_S, UPDATES, VALUES, World

keys = st.tuples(st.sampled_from(["DU0", "DU1"]), st.integers(0, 5))


steps = st.one_of(
    st.tuples(st.just("wait"), st.floats(0.1, 100.0)),
    st.tuples(
        st.just("answer"),
        st.sampled_from(MODES),
        st.sampled_from(UPDATES),
        st.sampled_from(["DU0", "DU1"]),
    ),
    st.tuples(st.just("well")),
    st.tuples(st.just("reconnect")),
    st.tuples(st.just("clock"), st.floats(-7200, 7200)),
    st.tuples(st.just("executions"), st.booleans()),
    st.tuples(st.just("updates never"), st.booleans()),
    st.tuples(st.just("values"), st.sampled_from(VALUES), st.sets(st.integers(0, 5))),
    st.tuples(st.just("spoil"), keys),
    st.tuples(
        st.just("trade"), keys, st.sampled_from([-10, -5, 5, 10]), st.just(True), st.booleans()
    ),
    st.tuples(st.just("sell"), keys, st.booleans(), st.booleans()),
)


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)
@given(
    steps=st.lists(steps, min_size=20, max_size=40),
    interval_s=st.sampled_from([5.0, 30.0, 60.0, 3600.0]),
    holdings=st.integers(0, 12),
    seed=st.integers(0, 9),
)
def test_what_is_held_is_never_closed_and_what_is_closed_is_in_bounds(
    steps: list[tuple[object, ...]], interval_s: float, holdings: int, seed: int
) -> None:
    made = World(("DU0", "DU1"), interval_s, seed)
    for n in range(holdings):
        made.truth[("DU0", "DU1")[n % 2], n // 2] = Decimal(10)
    made.wait(interval_s)
    for step in steps:
        _take(made, step)
        _check_bounds(made)
    made.answer_as("whole", "given", "")
    made.never_updates, made.spoilt = False, set()
    made.wait(max(BOUND_S, interval_s + SLOW_POLL_S))
    assert {key: p.quantity for key, p in made.held.items()} == made.truth


def _take(made: World, step: tuple[object, ...]) -> None:
    match step:
        case ("wait", float(seconds)):
            made.wait(seconds)
        case ("answer", str(mode), str(updates), str(away)):
            made.answer_as(mode, updates, away)
        case ("well",):
            made.answer_as("whole", "given", "")
            made.wait(60.0)
        case ("reconnect",):
            made.reconnect()
        case ("clock", float(seconds)):
            made.clock_s += seconds
        case ("executions", bool(hang)):
            made.executions_hang = hang
        case ("spoil", (str(account), int(con_id))):
            made.spoilt ^= {(account, con_id)}
        case ("values", str(values), set() as hidden):
            made.values, made.hidden = values, hidden
        case ("updates never", bool(never)):
            made.never_updates = never
            made.well_since = max(made.well_since, made.now)
        case ("trade", (str(account), int(con_id)), int(change), bool(pushed), bool(executed)):
            made.trade((account, con_id), Decimal(change), pushed=pushed, executed=executed)
        case ("sell", (str(account), int(con_id)), bool(pushed), bool(executed)):
            key = (account, con_id)
            if key in made.truth:
                made.trade(key, -made.truth[key], pushed=pushed, executed=executed)


def _check_bounds(made: World) -> None:
    """What is closed and still believed to be held has not been so for too long."""
    if made.mode != "whole" or made.never_updates:
        return
    for key in made.held.keys() - made.truth.keys():
        since = max(made.gone_at[key], made.well_since)
        assert made.now - since <= max(BOUND_S, made.interval_s + SLOW_POLL_S), key
