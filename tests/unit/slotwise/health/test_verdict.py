"""The verdict: one cause in front, and "all well" only when all is well."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from slotwise.health.verdict import decide
from slotwise.health.verdict.facts import (
    Landing,
    Lines,
    MarketData,
    Waiting,
)
from slotwise.health.verdict.table import STATES
from tests.support.verdict_bounds import BOUNDS, bound_of
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


def test_verdict_says_that_lines_are_left_to_quotes_in_turn() -> None:
    """They are no lines about to be opened, and more would help."""
    left = Lines(held=98, limit=100, kept_for_quotes=2)
    verdict = decide(with_facts(strategies=(condor("waiting", "seen"),), lines=left))
    assert "98 of 100 lines are held, 2 are left to quotes in turn" in verdict.sentence
    assert "order more lines" in verdict.advice
    opening = Lines(held=90, limit=100, kept_for_quotes=2)
    verdict = decide(with_facts(strategies=(condor("waiting", "seen"),), lines=opening))
    assert "being opened" in verdict.advice


def test_verdict_names_a_limit_that_tws_lowered() -> None:
    lowered = Lines(held=5, limit=5, allowed=100)
    facts = with_facts(strategies=(condor("waiting", "seen"),), lines=lowered)
    assert "TWS grants fewer than the 100 of the settings" in decide(facts).sentence


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
