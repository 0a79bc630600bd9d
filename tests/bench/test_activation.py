"""Activations are sent, requested and timed on all three sides."""

from __future__ import annotations

import math
from pathlib import Path

import psutil
import pytest

from benchmarks.activation import in_turn, run
from benchmarks.activation_figures import LINES, Took, part_of
from tests.support.effort import with_effort


def test_each_is_first_in_turn() -> None:
    """All come each time, and the order goes round."""
    assert [in_turn(("a", "b", "c"), n) for n in range(4)] == [
        ("a", "b", "c"), ("b", "c", "a"), ("c", "a", "b"), ("a", "b", "c")
    ]  # fmt: skip


def test_activations_are_compared_by_their_medians() -> None:
    """Parts of the run give the spread; lines in use are counted."""
    slow, fast = [Took(0.04, LINES)] * 6, [Took(0.08, LINES - 1)] * 3
    took = {
        "rotation": slow + fast,
        "quick": slow + fast,
        "idle": [Took(0.02, 4)] * 9,
        "bare": [Took(0.001, 4)] * 9,
    }
    part = part_of(took, 20)
    worst, _, _, full, bare = (ratio.value for ratio in part.ratios)
    assert worst.median == pytest.approx(0.08 / 0.05)
    assert (full.low, full.median, full.high) == pytest.approx((2.0, 2.0, 4.0))
    assert bare.median == pytest.approx(40.0)
    assert [row[-2:] for row in part.tables[0].rows] == [
        ("9", "6"), ("9", "6"), ("9", "0"), ("9", "0")
    ]  # fmt: skip
    assert part.tables[2].rows[0] == ("gateway, every line in use", "40", "40", "80")


def test_phases_of_an_activation_say_where_the_time_goes() -> None:
    """Record and message are those of the close; a line is taken back where none is free."""
    full = [Took(0.04, LINES, 0.03, 0.035, 0.02, 0.005)] * 3
    free = [Took(0.03, 4, 0.04, None, 0.02, 0.005)] * 3
    bare = [Took(0.001, 4)] * 3
    part = part_of({"rotation": full, "quick": full, "idle": free, "bare": bare}, 20)
    assert part.ratios[0].profile == part.tables[1].title
    assert [row[2] for row in part.tables[1].rows] == [
        "20", "5", "30", "35", "10", "20", "5", "30", "35", "10", "20", "5", "40", "-10"
    ]  # fmt: skip


@with_effort
@pytest.mark.timeout(120)
def test_all_three_are_asked_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every activation reached the wire, and no process or file is left behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    part = run(0.01)
    assert [row[-2] for row in part.tables[0].rows] == ["3"] * 4
    for ratio in part.ratios:
        assert math.isfinite(ratio.value.high)
        assert ratio.value.low > 0
    assert [len(curve.points) for curve in part.plots[0].curves] == [3] * 4
    assert not list(tmp_path.iterdir())
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
