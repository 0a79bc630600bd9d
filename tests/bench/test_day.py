"""A day sped up runs on both sides, counts what happened, and leaves nothing behind."""

from __future__ import annotations

import math
from pathlib import Path

import psutil
import pytest

from benchmarks.day import run
from benchmarks.day_events import COUNTS, acknowledge, counts_of, times
from benchmarks.day_figures import MB, Course, Sample, is_clear, ratios
from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import Kept, LandingStream, encoded
from slotwise.rules.landing import Rows
from tests.support.effort import with_effort


def grows(by: int, scatter: int = 0) -> Course:
    """A process of 100 MB that grows by so many bytes a second, and one file in 50 seconds."""
    samples = [
        Sample(float(at), 100 * MB + by * at + scatter * (at % 2), 20 + at // 50)
        for at in range(100)
    ]
    return Course(samples, 1000)


@with_effort
@pytest.mark.timeout(120)
def test_a_tiny_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides live through it; what it says is finite; processes and files are gone."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    part = run(0.001)
    for ratio in part.ratios[:3]:
        assert ratio.value.count >= 3
        assert math.isfinite(ratio.value.high)
        assert ratio.value.low > 0
    happened = {name: int(count.replace(",", "")) for name, count in part.tables[1].rows}
    assert happened["activate"] >= 1
    assert happened["snapshots, gateway"] > 0
    assert happened["snapshots, bare ib_async"] > 0
    for plot in part.plots:
        assert [curve.name for curve in plot.curves] == ["gateway", "bare ib_async"]
    assert not list(tmp_path.iterdir())
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def test_growth_is_between_the_windows() -> None:
    """From the tenth after the first quarter to the last tenth: 65 samples apart."""
    course = grows(by=MB)
    assert [sample.at_s for sample in course.warm()] == [float(at) for at in range(25, 35)]
    assert [sample.at_s for sample in course.end()] == [float(at) for at in range(90, 100)]
    assert course.growths() == [65 * MB] * 10
    assert course.memory().high == pytest.approx(190 / 125)
    assert course.files().median == pytest.approx(21 / 20)


def test_a_short_course_has_windows_too() -> None:
    """Three samples each, where there are so few."""
    course = Course(grows(by=0).samples[:12], 0)
    assert len(course.warm()) == len(course.end()) == 3


def test_noise_is_no_divisor() -> None:
    """A ratio of growths is given only where the bare client's growth is clear."""
    assert is_clear(grows(by=MB))
    assert not is_clear(grows(by=0))
    assert not is_clear(grows(by=1000, scatter=MB))
    assert len(ratios(grows(by=0), grows(by=0))) == 3
    compared = ratios(grows(by=MB), grows(by=2 * MB))[-1]
    assert compared.value.median == pytest.approx(0.5)


def test_times_are_even_and_never_at_the_end() -> None:
    """The last happening leaves time to see what it did."""
    assert times(10.0, 4) == pytest.approx([20 / 9, 40 / 9, 60 / 9, 80 / 9])
    assert times(10.0, 0) == []


def test_counts_follow_the_share() -> None:
    """All of it, or at least one of each."""
    assert counts_of(1.0) == COUNTS
    assert set(counts_of(0.0).values()) == {1}


def test_what_is_acknowledged_is_reported_to_its_spool(bus: Bus) -> None:
    """The stream is empty afterwards, and the spool has its newest number."""
    stream = LandingStream(bus)
    head, rows = encoded(Rows("gateway_events"), None)
    stream.append_kept(Kept(1, 0, head, rows), "spool")
    stream.append_kept(Kept(2, 1, head, rows), "spool")
    assert acknowledge(stream) == 2
    assert stream.length() == 0
    assert stream.progress("spool") == (2, 2)
    assert acknowledge(stream) == 0
