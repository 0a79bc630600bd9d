"""5,000 contracts on 100 lines, all of them taken: nothing is rejected, everything lands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.chaos.demo_process import assert_landed_exactly_once, assert_ledger_says, start_demo
from tests.walks.running_stack import ask_duckdb


@pytest.mark.timeout(180)
def test_every_non_essential_contract_of_5000_lands_within_a_minute(tmp_path: Path) -> None:
    demo = start_demo(
        tmp_path, "--positions", "5000", "--active", "100", "--lines", "100", "--seconds", "15"
    )
    try:
        out, errors = demo.communicate(timeout=150)
    finally:
        demo.kill()
        demo.wait()

    result = json.loads(out.splitlines()[-1])
    assert demo.returncode == 0, (result["broken"], errors)
    assert result["all_landed_s"] <= 60
    [(landed,)] = ask_duckdb(
        tmp_path / "lake",
        "SELECT count(DISTINCT con_id) FROM {position_updates} WHERE source = 'batch'",
    )
    assert landed >= 4900
    assert result["lines"]["held"] == 100
    assert_ledger_says(Path(result["ledger"]), streams=100, limit=100)
    assert_landed_exactly_once(tmp_path / "lake", result["queue"])
