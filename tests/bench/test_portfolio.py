"""The benchmark of the portfolio: its goals, and the terminal it reads."""

from __future__ import annotations

import pytest

from benchmarks.portfolio_figures import part_of
from benchmarks.terminal_process import TerminalProcess


def test_goals_are_missed_by_what_is_slow_and_met_by_what_is_not() -> None:
    part = part_of([1.2, 1.4, 2.0], [0.12], [0.04], holdings=10_000, watched_s=30)
    assert [ratio.met for ratio in part.ratios] == [True, False, True]
    assert part.tables[0].rows[0] == ("first screen", "1.2 s", "1.4 s", "2 s")
    assert "10,000 holdings" in part.how


def test_a_command_on_a_terminal_is_timed_until_it_has_shown_enough() -> None:
    with TerminalProcess(("--version",), {}) as process:
        first = process.until_lines(1, 60)
        assert process.until_word(b"slotwise ", 60) >= first > 0
        process.read_for(0.1)
        with pytest.raises(TimeoutError, match="nothing more is shown"):
            process.until_more(0.1)
    assert process.shown.startswith(b"slotwise ")
