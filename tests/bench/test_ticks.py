"""Ticks are sent, handled and timed on both sides."""

from __future__ import annotations

import math
from pathlib import Path

import psutil
import pytest

from benchmarks import ticks
from benchmarks.arrivals import Arrivals, mark, read_arrivals, stamp
from benchmarks.harness import cpu_s
from tests.support.effort import with_effort


def test_a_window_is_what_came_before_its_mark(tmp_path: Path) -> None:
    """Prices that are no times belong to no tick."""
    arrivals = Arrivals(tmp_path)
    arrivals.note([stamp(), 120.5, stamp()])
    assert read_arrivals(tmp_path, 7) is None
    arrivals.note([stamp(), mark(7)])
    arrivals.note([mark(8)])
    late = read_arrivals(tmp_path, 7)
    assert late is not None
    assert len(late) == 3
    assert all(0 <= one < 10 for one in late)
    assert read_arrivals(tmp_path, 8) == []


def test_cpu_time_is_that_of_the_process() -> None:
    before = cpu_s(psutil.Process().pid)
    sum(range(2_000_000))
    used = cpu_s(psutil.Process().pid) - before
    assert 0 < used < 60


def test_windows_are_whole_seconds() -> None:
    """What a gateway does once a second is in a window as often as in life."""
    rates = {*ticks.RATES, *ticks.BID_RATES, *ticks.LOOP_RATES}
    assert all(ticks.window_s(rate, 1.0).is_integer() for rate in rates)
    assert ticks.window_s(400, 0.01) == ticks.LEAST_WINDOW_S


@with_effort
@pytest.mark.timeout(120)
def test_both_sides_are_fed_and_received() -> None:
    """Every rate has a ratio, every tick was sent after it was stamped, no process is left."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    part = ticks.run(0.05)
    assert len(part.ratios) == len((*ticks.RATES, *ticks.BID_RATES, *ticks.LOOP_RATES)) + 1
    for ratio in part.ratios[:-1]:
        assert ratio.value.low > 0
    assert all(math.isfinite(ratio.value.median) for ratio in part.ratios)
    for plot in part.plots:
        assert [len(curve.points) for curve in plot.curves] == [len(ticks.RATES)] * 2
    after = {child.pid for child in psutil.Process().children(recursive=True)}
    assert after <= before
