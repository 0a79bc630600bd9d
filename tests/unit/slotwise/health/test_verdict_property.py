"""The verdict is well exactly where each condition holds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.health.verdict import Facts, decide
from slotwise.health.verdict.facts import (
    Book,
    Landing,
    Leg,
    Lines,
    MarketData,
    Positions,
    Prices,
    Redis,
    StrategyLegs,
    Tws,
    Waiting,
    Workers,
)
from tests.support.effort import examples
from tests.support.verdict_examples import NOW, SINCE, WELL, ago


def _maybe(values: st.SearchStrategy[object], healthy: object) -> st.SearchStrategy[object]:
    # Healthy most of the time, so that single faults are found among healthy parts.
    return st.integers(0, 9).flatmap(lambda n: values if n == 0 else st.just(healthy))


_times = st.one_of(st.none(), st.floats(0, 10_000).map(ago))


_legs = st.builds(
    Leg,
    con_id=st.integers(1, 9),
    state=st.sampled_from(
        [
            *("seen", "seen", "unseen", "waiting", "refused", "unknown", "expired", "closed"),
            "starting",
        ]
    ),
    since=_times,
)


_facts = st.builds(
    Facts,
    now=st.just(NOW),
    redis=_maybe(
        st.builds(
            Redis,
            trouble=st.sampled_from(["", "away", "memory", "replica", "disk", "loading"]),
            since=_times,
            clock_apart_s=st.floats(-10, 10),
        ),
        WELL.redis,
    ),
    gateway_at=_maybe(_times, WELL.gateway_at),
    tws=_maybe(
        st.builds(
            Tws,
            session=st.sampled_from(["ready", "unreachable", "not_logged_in", "upstream_lost"]),
            since=_times,
            moved=st.sampled_from(["", "TWS has moved: set SLOTWISE_IB_PORT=7498"]),
        ),
        WELL.tws,
    ),
    positions=_maybe(
        st.builds(
            Positions,
            count=st.integers(0, 9),
            polled_at=_times,
            unknown=st.sampled_from([{}, {"DU1": (SINCE, "2151")}]),
        ),
        WELL.positions,
    ),
    data=_maybe(
        st.builds(
            MarketData,
            competing_since=_times,
            not_permitted=st.integers(0, 3),
            farms_down=st.sampled_from([{}, {"usfarm": SINCE}]),
        ),
        WELL.data,
    ),
    strategies=_maybe(
        st.lists(
            st.builds(StrategyLegs, name=st.just("s"), legs=st.lists(_legs).map(tuple)),
            max_size=3,
        ).map(tuple),
        WELL.strategies,
    ),
    lines=_maybe(
        st.builds(
            Lines, held=st.integers(0, 9), limit=st.integers(1, 9), allowed=st.integers(1, 9)
        ),
        WELL.lines,
    ),
    prices=_maybe(
        st.builds(
            Prices,
            contracts=st.integers(0, 9),
            never=st.integers(0, 9),
            unanswered=st.integers(0, 9),
            silent=st.integers(0, 2),
            since=_times,
            oldest_s=st.one_of(st.none(), st.floats(0, 1000)),
            promised_s=st.one_of(st.none(), st.floats(0, 1000)),
        ),
        WELL.prices,
    ),
    landing=_maybe(
        st.builds(
            Landing,
            landed_at=_times,
            oldest_item_s=st.floats(0, 100),
            oldest_entry_s=st.floats(0, 100),
            error=st.sampled_from(["", "because"]),
        ),
        WELL.landing,
    ),
    workers=_maybe(
        st.one_of(
            st.none(),
            st.builds(
                Workers,
                poll=st.integers(0, 2),
                lake=st.integers(0, 2),
                beat_silent_s=st.floats(0, 100),
            ),
        ),
        WELL.workers,
    ),
    book=_maybe(
        st.one_of(
            st.none(),
            st.builds(
                Book,
                status=st.sampled_from(["", "matched", "broken", "stale"]),
                completed_at=_times,
                breaks=st.integers(0, 2),
            ),
        ),
        WELL.book,
    ),
    lake_error=_maybe(st.just("there is none"), ""),
    waiting=_maybe(
        st.builds(
            Waiting,
            failed_items=st.integers(0, 1),
            set_aside=st.integers(0, 1),
            spool_share=st.floats(0, 1),
            spool_error=st.sampled_from(["", "disk full"]),
            monitor_silent_s=st.one_of(st.none(), st.floats(0, 100)),
            updates_lost=st.integers(0, 1),
            receiver_error=st.sampled_from(["", "404"]),
            handlers_busy_s=st.dictionaries(st.just("alarm"), st.floats(0, 100)),
            disk_free_share=st.one_of(st.none(), st.floats(0, 1)),
        ),
        WELL.waiting,
    ),
)


def _age_s(at: object) -> float:
    """Return an age in seconds; one that no promise allows where the time is not known."""
    return (NOW - at).total_seconds() if isinstance(at, type(NOW)) else 1e9


def _all_holds(facts: Facts) -> bool:
    """Recompute each single condition, in the words of the promise and not of the rules."""
    legs = {leg.state for strategy in facts.strategies for leg in strategy.legs}
    prices, book, workers, waiting = facts.prices, facts.book, facts.workers, facts.waiting
    late = prices.oldest_s is not None and prices.promised_s is not None
    # An outage makes prices old; from its end on the promise counts again.
    can_ask_s = _age_s(prices.since)
    age_s = min(prices.oldest_s or 0, can_ask_s)
    return (
        facts.redis.trouble == ""
        and -2 <= facts.redis.clock_apart_s <= 2
        and _age_s(facts.gateway_at) <= 15
        and facts.tws.session == "ready"
        and facts.tws.moved == ""
        and not facts.positions.unknown
        and _age_s(facts.positions.polled_at) <= 75
        and facts.data.competing_since is None
        and facts.data.not_permitted == 0
        and not facts.data.farms_down
        # A leg that has just been asked for has seconds until its first tick.
        and legs <= {"seen", "closed", "starting"}
        and prices.never == 0
        and prices.silent <= facts.data.not_permitted
        and not (prices.contracts and facts.lines.held >= facts.lines.limit)
        and not (late and age_s > 1.5 * (prices.promised_s or 0) + 5)
        and facts.landing.error == ""
        and facts.lake_error == ""
        and _age_s(facts.landing.landed_at) <= 20
        and facts.landing.oldest_item_s <= 20
        and facts.landing.oldest_entry_s <= 60
        and workers is not None
        and bool(workers.poll and workers.lake)
        and (workers.beat_silent_s or 0) <= 20
        and book is not None
        and book.breaks == 0
        and book.status != "stale"
        and _age_s(book.completed_at) <= 540
        and not (waiting.failed_items or waiting.set_aside or waiting.updates_lost)
        and max(waiting.handlers_busy_s.values(), default=0) <= 60
        and waiting.spool_share < 0.5
        and not waiting.spool_error
        and not waiting.receiver_error
        and (waiting.monitor_silent_s or 0) <= 10
        and (waiting.disk_free_share is None or waiting.disk_free_share >= 0.05)
    )


@settings(max_examples=examples(600), deadline=None)
@given(facts=_facts)
def test_verdict_is_well_exactly_when_each_condition_holds(facts: Facts) -> None:
    verdict = decide(facts)
    assert (verdict.standing == "well") is _all_holds(facts)
    if verdict.standing != "well":
        assert verdict.sentence
        assert verdict.advice
