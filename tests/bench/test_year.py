"""A lake is filled by beats, written days and copies, and answers as if it were all one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from benchmarks.baselines.written_days import HELD, sample_of, write_days
from benchmarks.lake_days import BEAT_S, Beats, copy_file
from benchmarks.year import BEGAN, TABLES
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.derived_tables import newest_landing
from slotwise.lake.maintenance import table_state
from slotwise.lake.writer import LANDING_APP_ID
from tests.support.effort import with_effort

CONTRACTS = 6


def landed(folder: Path, beats: int) -> Beats:
    made = Beats(folder, CONTRACTS)
    for number in range(beats):
        made.land(BEGAN + timedelta(seconds=number * BEAT_S))
    return made


def test_each_beat_lands_what_the_one_before_inserted(tmp_path: Path) -> None:
    made = landed(tmp_path, 9)
    assert table_state(made.lake, "position_updates").rows == 8
    assert made.recall(BEGAN + timedelta(minutes=1)) == 1
    found = positions_as_of(made.lake, BEGAN + timedelta(minutes=5))
    assert found.num_rows == CONTRACTS


@with_effort
def test_written_days_repeat_a_sample_and_leave_nothing_waiting(tmp_path: Path) -> None:
    """Their landings go on, so that a mark of the book has what they say."""
    made = landed(tmp_path, 9)
    days = [BEGAN.date() + timedelta(days=n) for n in (1, 2)]
    sampled = timedelta(minutes=20)
    rows = {}
    for table in TABLES:
        sample = sample_of(tmp_path / table, BEGAN.date())
        rows[table] = sample.num_rows
        write_days(tmp_path / table, sample, sampled, days, LANDING_APP_ID)
        for day in days:
            assert sample_of(tmp_path / table, day).num_rows == sample.num_rows * (HELD // sampled)
    assert rows == {"position_updates": 8, "position_queue": 16}
    assert made.recall(BEGAN + timedelta(days=3)) == 1
    before = newest_landing(made.lake)
    assert before == 9 + 2 * 8 * (HELD // sampled)
    made.restart()
    made.land(BEGAN + timedelta(days=3))
    assert newest_landing(made.lake) == before + 1


def test_copies_are_files_of_the_table(tmp_path: Path) -> None:
    made = landed(tmp_path, 3)
    before = table_state(made.lake, "position_updates")
    copy_file(tmp_path / "position_updates", [BEGAN.date()] * 40)
    after = table_state(made.lake, "position_updates")
    assert after.files == before.files + 40
    made.restart()
    made.land(BEGAN + timedelta(minutes=1))
    assert table_state(made.lake, "position_updates").files == after.files + 1
