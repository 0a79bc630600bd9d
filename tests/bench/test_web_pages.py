"""The measurement of open pages runs, and counts what it says."""

from __future__ import annotations

import re

import pytest

from benchmarks.web_pages import main


def test_pages_are_opened_and_their_cost_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--holdings", "150", "--pages", "1", "2", "--seconds", "3"]) in (0, 1)
    printed = capsys.readouterr().out
    found = re.findall(r"^(\d) pages: ([\d.]+)% of a core; a frame each ([\d.]+) s", printed, re.M)
    assert [pages for pages, _, _ in found] == ["1", "2"], printed
    assert all(float(share) > 0 for _, share, _ in found)
    # Every frame has all 150 rows: their marks move each second.
    sizes = [float(size) for size in re.findall(r"of (\d+) kB$", printed, re.M)]
    assert all(10 < size < 100 for size in sizes), printed
