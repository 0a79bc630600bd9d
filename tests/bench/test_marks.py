"""The benchmark of marks: it reads days of quotes, scores them, and names the goals it misses."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from zipfile import ZipFile

import pytest

from benchmarks.mark_figures import missed, part_of
from benchmarks.mark_replay import Scores, replay, scores
from benchmarks.market_days import Market, read_days
from benchmarks.simulated_days import WEATHERS, Weather, simulated_day
from slotwise.errors import InputError

GOOD = Scores(
    tests=100, error=0.3, kept_error=1.2, inside=0.95, covered=0.95, width=1.0, fixed_width=1.0,
    book_ratio=4.0, marked=1.0, stickiness=1.5,
)  # fmt: skip


def test_days_are_read_by_their_folders_or_their_names(tmp_path: Path) -> None:
    _write(
        tmp_path / "indexoption_usa_minute_abc_20210114_quote_european.zip",
        "20210114_abc_minute_quote_european_call_1000000_20210115.csv",
        [["34260000", "0", "0", "0", "12000", "5", "0", "0", "0", "13000", "5"],
         ["34320000", "", "", "", "", "0", "0", "0", "0", "13000", "5"]],
    )  # fmt: skip
    _write(
        tmp_path / "index" / "usa" / "minute" / "abc" / "20210114_trade.zip",
        "20210114_abc_minute_trade.csv",
        [["30600000", "100", "100", "100", "101.5", "9"], ["30660000", "1", "1", "1", "102", "9"]],
    )
    (day,) = read_days(tmp_path)
    assert day.name == "ABC 2021-01-14"
    assert day.underlying == {570: (101.5, None), 571: (102.0, None)}
    (option,) = day.options
    assert (option.strike, option.call, option.expires) == (100.0, True, 1440.0 + 975)
    assert option.markets == {571: Market(1.2, 1.3)}


def test_a_folder_without_days_or_without_their_underlying_is_an_input_error(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match="no files"):
        read_days(tmp_path)
    _write(tmp_path / "option_usa_minute_abc_20210114_quote_american.zip", "x.csv", [])
    with pytest.raises(InputError, match="ABC"):
        read_days(tmp_path)


@pytest.mark.parametrize("weather", WEATHERS, ids=lambda weather: weather.name)
def test_bands_hold_and_marks_beat_the_last_quote_on_a_simulated_day(weather: Weather) -> None:
    found = scores(simulated_day(weather, 5), 8, (1,))
    assert 0.92 <= found.covered <= 0.98
    assert found.width <= 1.3 * found.fixed_width
    assert found.error < 0.5 * found.kept_error


def test_a_simulated_day_is_the_same_for_the_same_seed() -> None:
    assert simulated_day(WEATHERS[0], 1) == simulated_day(WEATHERS[0], 1)
    assert simulated_day(WEATHERS[0], 1) != simulated_day(WEATHERS[0], 2)


def test_no_mark_of_a_replay_is_compared_with_a_quote_that_it_saw() -> None:
    day = simulated_day(WEATHERS[0], 1)
    tests, marked, _ = replay(day, 8, 1)
    assert marked == 1.0
    phases = {(test.option, test.minute % 8) for test in tests if test.kept_miss != 0.0}
    assert len(phases) > len(day.options)


def test_goals_that_are_missed_are_named() -> None:
    bad = GOOD._replace(error=0.5, covered=0.9)
    assert missed(part_of({("ES 2020-01-06", 8): GOOD}, [0.01], liquid=["ES 2020-01-06"])) == []
    lines = missed(part_of({("ES 2020-01-06", 8): bad}, [0.2], liquid=["ES 2020-01-06"]))
    assert len(lines) == 3
    assert missed(part_of({("SPX", 8): GOOD._replace(error=0.5)}, [], liquid=[])) == []


def _write(file: Path, name: str, rows: list[list[str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    with ZipFile(file, "w") as archive:
        archive.writestr(name, text.getvalue())
