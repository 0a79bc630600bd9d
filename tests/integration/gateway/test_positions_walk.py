"""Whatever TWS gives or does not give of positions: nothing held is closed, nothing closed is held.

In virtual time, with the real simulator and the real wire; `positions_walk` says what may happen.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.gateway.positions_walk import walk
from tests.support.effort import examples, with_effort

STEPS = 40


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(1, 1 + examples(4)))
@pytest.mark.parametrize(("holdings", "accounts"), [(2, 1), (3, 2), (30, 3), (200, 4)])
def test_a_walk_through_all_that_happens_to_positions(
    tmp_path: Path, seed: int, holdings: int, accounts: int
) -> None:
    """Counted from the simulator's record, and from what handlers, board and lake get."""
    walked = walk(tmp_path, seed=seed, steps=STEPS, holdings=holdings, accounts=accounts)
    assert walked.steps.total() == STEPS
    assert walked.stand.witness.passed_on > holdings


@pytest.mark.parametrize(("seed", "holdings", "accounts"), [(20429, 3, 2), (20599, 200, 4)])
def test_evidence_that_was_not_given_once_is_asked_for_anew(
    tmp_path: Path, seed: int, holdings: int, accounts: int
) -> None:
    """An account's update, or its values: these walks had closed what was held."""
    walked = walk(tmp_path, seed=seed, steps=100, holdings=holdings, accounts=accounts)
    assert walked.stand.witness.closed > 0


@with_effort
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_walk_with_ten_thousand_holdings(tmp_path: Path, seed: int) -> None:
    walked = walk(tmp_path, seed=seed, steps=STEPS, holdings=10_000, accounts=6)
    assert walked.stand.witness.closed > 0
