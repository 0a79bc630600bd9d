"""The verdict of a real stack on what TWS does: each cause is named within its bound, and left.

One stack for all. What is sent is looked at for the competing session alone: after six changes in
ten minutes the hold-down begins, as it should.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from slotwise.health.verdict.changes import HOLD_S
from tests.walks.watched_stack import START_S, Watched, options_held, watched_stack

#: A test has this long on a machine that does much else, seconds.
TIMEOUT_S = 600
#: Sent within this after its cause, seconds.
SENT_S = 10.0

pytestmark = pytest.mark.timeout(TIMEOUT_S)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched_stack(
        tmp_path_factory.mktemp("tws"),
        positions=120,
        without=frozenset({"flower"}),
        # Strategies may take every line, so that what follows from it is seen.
        more_env={"SLOTWISE_ROTATION_RESERVE": "0"},
    ) as found:
        yield found


@pytest.fixture(autouse=True)
def _well(watched: Watched) -> None:
    """Begin where all is well."""
    watched.begin()
    watched.is_well()
    watched.begin()


def control(watched: Watched, **command: object) -> None:
    watched.stack.control(command)


def test_competing_session_is_named_sent_and_left(watched: Watched) -> None:
    watched.expect_sent()
    control(watched, do="competing", on=1)
    named = watched.becomes("competing_session")
    assert "condor: 4 of 4 legs without data" in named["sentence"]
    assert watched.status() == (1, "competing_session")
    watched.sent("competing_session", SENT_S - HOLD_S)
    watched.begin()
    watched.expect_sent()
    control(watched, do="competing", on=0)
    watched.leaves("competing_session")
    watched.is_well()
    watched.sent("well", SENT_S)


def test_positions_unknown_are_named_and_left(watched: Watched) -> None:
    control(watched, do="position_answers", mode="empty2151")
    assert "2151" in watched.becomes("positions_unknown")["sentence"]
    watched.begin()
    control(watched, do="position_answers", mode="whole")
    watched.leaves("positions_unknown")


def test_missing_permission_is_named_for_some_and_for_all(watched: Watched) -> None:
    """TWS gives what was subscribed to after a new login."""
    control(watched, do="deny_data", sec_type="STK", code=354)
    named = watched.becomes("not_permitted")
    assert "SLOTWISE_DELAYED_DATA=1" in named["advice"]
    watched.says("no market data permission for 13 of 124 contracts", 15)
    watched.begin()
    for kind in ("OPT", "FUT", "FOP", "BOND", "BILL", "CASH", "CRYPTO", "CFD", "IND"):
        control(watched, do="deny_data", sec_type=kind, code=354)
    control(watched, do="drop")
    watched.says("no market data permission for 124 of 124 contracts", 30)
    watched.begin()
    control(watched, do="grant_data")
    control(watched, do="drop")
    watched.is_well(within_s=15)


def test_farm_that_is_down_is_named_and_left(watched: Watched) -> None:
    control(watched, do="notice", code=2103, farm="usopt")
    assert "usopt" in watched.becomes("farm_down")["sentence"]
    watched.begin()
    control(watched, do="notice", code=2104, farm="usopt")
    watched.leaves("farm_down")


def test_tws_that_is_not_logged_in_is_named_and_left(watched: Watched) -> None:
    control(watched, do="late_accounts", seconds=60, mode="empty2151", managed="empty")
    control(watched, do="drop")
    named = watched.becomes("tws_not_logged_in")
    assert named["advice"] == "log in to TWS"
    assert named["sentence"].count("logged in") == 1
    watched.begin()
    control(watched, do="late_accounts", on=0)
    watched.leaves("tws_not_logged_in", more_s=5)


def test_every_line_active_and_a_limit_that_falls_are_named(watched: Watched) -> None:
    """100 active on 100 lines; TWS grants 5 after a new login, and 100 again."""
    more = ",".join(map(str, options_held(watched)[4:100]))
    activated = watched.stack.slotwise("strategies", "activate", "many", "--legs", more)
    assert activated.returncode == 0, activated.stderr
    watched.begin()
    named = watched.becomes("rotation_stopped")
    assert "strategies hold 100 of 100" in named["sentence"]
    watched.begin()
    control(watched, do="limit", lines=5)
    control(watched, do="drop")
    named = watched.becomes("legs_without_line", more_s=5)
    watched.says("95 of 100 active contracts have no line: 5 of 5 lines are held; TWS grants", 30)
    watched.begin()
    control(watched, do="limit", lines=100)
    watched.leaves("legs_without_line", more_s=5)
    watched.stack.slotwise("strategies", "close", "many")
    watched.begin()
    watched.is_well(within_s=20)


def test_leg_that_tws_does_not_know_is_named(watched: Watched) -> None:
    added = watched.stack.slotwise("strategies", "activate", "ghost", "--legs", "999999", "--force")
    assert added.returncode == 0, added.stderr
    named = watched.becomes("leg_unknown", more_s=START_S)
    assert named["sentence"] == "unknown contract 999999 in strategy ghost"
    watched.stack.slotwise("strategies", "close", "ghost")
    watched.begin()
    watched.is_well(within_s=5)
