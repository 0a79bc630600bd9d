"""The blind times of a contract, as the lake has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slotwise.errors import LakeError
from slotwise.lake.arrow import to_batch
from slotwise.lake.data_gap_history import recorded_gaps
from slotwise.lake.schemas import LINE_EVENTS
from slotwise.lake.store import Lake
from slotwise.lake.writer import append_rows
from slotwise.rules.data_gaps import LineEvent, LineEventName
from workers.commands.gaps import described

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def event(con_id: int, name: LineEventName, seconds: float, reason: str = "") -> LineEvent:
    return LineEvent(con_id, "X", name, reason, 1, 9, AT + timedelta(seconds=seconds))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with two contracts' lines."""
    lake = Lake(str(tmp_path))
    lake.create()
    reported = [
        event(1, "opened", 0), event(1, "first_tick", 0.5), event(2, "opened", 1),
        event(1, "lost", 10, "TWS notice 1100"), event(1, "returned", 12),
    ]  # fmt: skip
    append_rows(lake, "line_events", to_batch(reported, LINE_EVENTS.sent))
    return lake


def test_gaps_are_read_by_contract(lake: Lake) -> None:
    """Also where a contract was opened and never seen."""
    gaps = recorded_gaps(lake)
    assert [gap.event for gap in gaps[1]] == ["opened", "lost"]
    assert [gap.end for gap in gaps[2]] == [None]
    assert recorded_gaps(lake, 1) == {1: gaps[1]}
    assert recorded_gaps(lake, 99) == {}


def test_they_are_written_in_words(lake: Lake) -> None:
    """Their number and sum first."""
    assert described(1, recorded_gaps(lake)[1], AT) == [
        "1: not seen 2 times, 2.5 s in all",
        "  2026-03-02 15:00:00.000 to 15:00:00.500 UTC, 0.5 s, opened",
        "  2026-03-02 15:00:10.000 to 15:00:12.000 UTC, 2.0 s, lost: TWS notice 1100",
    ]
    [going_on] = described(2, recorded_gaps(lake)[2], AT + timedelta(seconds=4))[1:]
    assert going_on == "  2026-03-02 15:00:01.000 to now UTC, 3.0 s, opened"


def test_a_lake_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(LakeError):
        recorded_gaps(Lake(str(tmp_path / "nothing")))


def test_an_event_of_a_newer_slotwise_is_one_clear_line(lake: Lake) -> None:
    class Newer:
        con_id, symbol, event, reason = 1, "X", "beamed", ""
        held = allowed = 1
        at = AT

    append_rows(lake, "line_events", to_batch([Newer()], LINE_EVENTS.sent))
    with pytest.raises(LakeError, match=r"does not know: .*beamed"):
        recorded_gaps(lake)
