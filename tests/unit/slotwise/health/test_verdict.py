"""The verdict: one cause in front, and "all well" only when all is well."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.health.verdict import Facts, decide
from slotwise.health.verdict.bounds import BOUNDS, bound_of
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
from slotwise.health.verdict.table import STATES
from tests.support.effort import examples
from tests.support.verdict_examples import EXAMPLES, NOW, SINCE, WELL, ago, condor, with_facts
from tests.support.verdict_page import with_table

OPERATIONS = Path(__file__).parents[4] / "docs" / "operations.md"


def test_verdict_of_a_healthy_system_is_well() -> None:
    verdict = decide(WELL)
    assert (verdict.standing, verdict.exit_status, verdict.findings) == ("well", 0, ())
    assert verdict.sentence == "all well: 300 positions, 5 active contracts seen"


def test_verdict_counts_a_leg_as_seen_once_it_is() -> None:
    verdict = decide(with_facts(strategies=(condor("seen", "starting"),)))
    assert verdict.sentence == "all well: 300 positions, 1 of 2 active contracts seen so far"


def test_verdict_has_an_example_of_each_state_and_no_other() -> None:
    assert [state.name for state in STATES] == list(EXAMPLES)


@pytest.mark.parametrize("name", [state.name for state in STATES])
def test_verdict_finds_each_state(name: str) -> None:
    state = next(one for one in STATES if one.name == name)
    verdict = decide(EXAMPLES[name])
    assert [one.state for one in verdict.findings] == [name]
    assert verdict.exit_status == {"wrong": 1, "unknown": 2, "note": 0}[state.level]
    assert verdict.state == (name if state.level != "note" else "well")
    assert verdict.findings[0].sentence
    assert verdict.findings[0].advice
    assert bool(verdict.unready) is state.unready


def test_verdict_gives_the_consequence_of_a_competing_session() -> None:
    assert decide(EXAMPLES["competing_session"]).sentence == (
        "another session has the market data since 14:31 UTC; "
        "condor-spy: 4 of 5 legs without data since 14:31 UTC"
    )


@pytest.mark.parametrize("names", [("", "DU1"), ("DU1", "")])
def test_verdict_on_unknown_positions_gives_the_words_on_all_accounts(
    names: tuple[str, str],
) -> None:
    """Whichever became unknown first: TWS's own words say more than what an answer lacks."""
    words = {"": "TWS error 2151: not available yet", "DU1": "TWS's answer lacks 3 of 3"}
    unknown = {name: (SINCE, words[name]) for name in names}
    facts = with_facts(positions=msgspec.structs.replace(WELL.positions, unknown=unknown))
    assert "2151" in decide(facts).sentence
    assert "lacks" not in decide(facts).sentence


def test_verdict_of_redis_out_of_memory_is_one_line() -> None:
    facts = msgspec.structs.replace(
        EXAMPLES["redis_memory"], workers=None, book=None, landing=Landing(), gateway_at=ago(60)
    )
    assert [one.state for one in decide(facts).findings] == ["redis_memory"]


def test_verdict_of_a_closed_market_is_well_and_names_the_prices() -> None:
    verdict = decide(with_facts(closed_since="Friday 16:00 EDT"))
    assert verdict.exit_status == 0
    assert verdict.sentence.endswith("markets closed, prices of Friday 16:00 EDT")


def test_verdict_names_the_port_that_was_followed_and_not_the_session() -> None:
    verdict = decide(EXAMPLES["tws_port_followed"])
    assert verdict.sentence == (
        "TWS has moved the port of its API to 7498; "
        "the gateway follows it until it is started again"
    )
    assert verdict.advice == "set SLOTWISE_IB_PORT=7498"


def test_verdict_puts_a_wrong_state_before_one_that_is_not_known() -> None:
    verdict = decide(with_facts(workers=None, waiting=Waiting(updates_lost=1)))
    assert (verdict.standing, verdict.state) == ("wrong", "updates_lost")
    assert [one.state for one in verdict.findings] == ["workers_unknown", "updates_lost"]


def test_verdict_never_advises_more_lines_while_lines_are_idle() -> None:
    facts = with_facts(strategies=(condor("waiting", "seen"),), lines=Lines(held=3, limit=100))
    assert "order" not in decide(facts).advice


def test_verdict_names_a_limit_that_tws_lowered() -> None:
    lowered = Lines(held=5, limit=5, allowed=100)
    facts = with_facts(strategies=(condor("waiting", "seen"),), lines=lowered)
    assert "TWS grants fewer than the 100 of the settings" in decide(facts).sentence


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


def test_verdict_says_since_when_with_the_day_where_it_is_another() -> None:
    long_ago = MarketData(competing_since=NOW - timedelta(days=2))
    assert "since 2026-05-30 14:40 UTC" in decide(with_facts(data=long_ago)).sentence


def test_verdict_has_bounds_for_states_alone() -> None:
    assert set(BOUNDS) <= {state.name for state in STATES}
    assert bound_of("competing_session").words() == "3 s"
    assert bound_of("positions_late").words() == "2 polls + 18 s"
    assert bound_of("positions_late").within_s(poll_s=30, beat_s=5) == 78


def test_operations_page_has_the_table_of_states() -> None:
    """SLOTWISE_TEST_WRITE=1 writes the table into the page."""
    page = OPERATIONS.read_text()
    expected = with_table(page)
    if os.environ.get("SLOTWISE_TEST_WRITE"):
        OPERATIONS.write_text(expected)
    assert OPERATIONS.read_text() == expected
