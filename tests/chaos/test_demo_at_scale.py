"""5,000 contracts on 100 lines, all of them taken: nothing is rejected, everything lands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.demo_process import (
    active_legs,
    assert_landed_exactly_once,
    assert_ledger_says,
    interrupt,
    start_demo,
    wait_until_landed,
)
from tests.support.effort import with_effort


@with_effort
@pytest.mark.timeout(240)
def test_every_non_essential_contract_of_5000_lands(tmp_path: Path) -> None:
    """How soon is a matter of the machine: docs/architecture.md has it."""
    demo = start_demo(tmp_path, "--positions", "5000", "--active", "100", "--lines", "100")
    try:
        wait_until_landed(tmp_path, 4900)
        result = interrupt(demo)
    finally:
        demo.kill()
        demo.wait()

    assert result["all_landed_s"] > 0
    assert result["lines"]["held"] == 100
    active = active_legs(Path(result["lake"]))
    assert len(active) == 100
    assert_ledger_says(Path(result["ledger"]), active=active, limit=100)
    assert_landed_exactly_once(tmp_path / "lake", result["queue"])
