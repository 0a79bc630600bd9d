"""The recount after a storm finds closings and values that are wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from slotwise.lake.store import Lake
from slotwise.rules.valuation import position_row
from tests.chaos.storm.recount import LASTING_S, recount
from tests.support.landed import put
from tests.support.values import at, position

KEY = ("DU1", 7)
#: A clock that is three hours ahead.
AHEAD_S = 3 * 3600.0


def _record(file: Path, *quantities: tuple[float, str]) -> Path:
    """Write what the simulator held: seconds after noon, and the quantity from then on."""
    lines = (
        {"t": at(t).timestamp(), "run": "a", "kind": "holding", "account": KEY[0],
         "con_id": KEY[1], "quantity": quantity}
        for t, quantity in quantities
    )  # fmt: skip
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return file


def _land(lake: Lake, rows: Iterable[tuple[datetime, int]]) -> Path:
    put(lake, "position_updates", [
        position_row(
            position(KEY[1], Decimal(quantity), account=KEY[0], observed_at=observed),
            None, source="batch",
        )
        for observed, quantity in rows
    ])  # fmt: skip
    return Path(lake.address)


def test_a_closing_that_was_one_is_counted(lake: Lake, tmp_path: Path) -> None:
    record = _record(tmp_path / "held", (0, "2"), (100, "0"), (400, "1"))
    folder = _land(lake, [(at(1), 2), (at(101), 0)])
    assert recount(folder, record, {0.0}) == (1, [])


def test_a_row_that_closes_what_is_held_is_found(lake: Lake, tmp_path: Path) -> None:
    record = _record(tmp_path / "held", (0, "2"), (300, "3"))
    folder = _land(lake, [(at(1), 2), (at(101), 0)])
    [broken] = recount(folder, record, {0.0})[1]
    assert "while the simulator held it" in broken


def test_a_closing_without_a_row_is_found(lake: Lake, tmp_path: Path) -> None:
    record = _record(tmp_path / "held", (0, "2"), (100, "0"), (101 + LASTING_S, "1"))
    folder = _land(lake, [(at(1), 2)])
    [broken] = recount(folder, record, {0.0})[1]
    assert "the lake has no row of it" in broken


@pytest.mark.parametrize(("known", "wrong"), [({0.0, AHEAD_S}, 0), ({0.0}, 1)])
def test_a_row_of_a_stepped_clock_is_held_against_the_true_time(
    lake: Lake, tmp_path: Path, known: set[float], wrong: int
) -> None:
    """Held again later: only by the true time is the closing right."""
    record = _record(tmp_path / "held", (0, "2"), (100, "0"), (110, "2"), (400, "3"))
    folder = _land(lake, [(at(1), 2), (at(105 + AHEAD_S), 0)])
    assert len(recount(folder, record, known)[1]) == wrong
