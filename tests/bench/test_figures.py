"""What a run says: spreads, goals, pages and comparisons."""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.chart import draw
from benchmarks.check import regressions, worse_twice
from benchmarks.figures import (
    Better,
    Curve,
    Machine,
    Part,
    Plot,
    Ratio,
    Run,
    Spread,
    Table,
    number,
    ratios_of,
)
from benchmarks.page import page_of
from benchmarks.parts import run_again
from slotwise.errors import SlotwiseError

values = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=9)


def ratio(
    median: float, *, better: Better = "less", goal: float | None = None, name: str = "cost"
) -> Ratio:
    spread = Spread(median * 0.9, median, median * 1.1, 3)
    return Ratio(name=name, of="one / other", value=spread, better=better, goal=goal, noise=0.2)


def run_of(*ratios: Ratio, part: str = "ticks") -> Run:
    machine = Machine(
        cpu="a CPU", cores=2, memory_gb=8.0, system="Linux", python="3.11", packages={"celery": "5"}
    )
    plot = Plot(
        name="p", title="a plot", x="x", y="y", log_x=True,
        curves=(Curve("ours", ((1.0, 2.0), (10.0, 3.0))), Curve("none", ())),
    )  # fmt: skip
    table = Table("absolute", ("a", "b"), (("1", "2"),))
    made = Part(name=part, title="Ticks", how="So.", ratios=ratios, tables=(table,), plots=(plot,))
    return Run(at="2026-11-23T12:00:00+00:00", machine=machine, parts=(made,))


@given(values)
def test_a_spread_holds_its_values(found: list[float]) -> None:
    spread = Spread.of(found)
    assert spread.low <= spread.median <= spread.high
    assert (spread.low, spread.high, spread.count) == (min(found), max(found), len(found))


def test_nothing_measured_has_no_spread() -> None:
    with pytest.raises(ValueError, match="no values"):
        Spread.of([])


@given(values)
def test_ratios_are_of_pairs(found: list[float]) -> None:
    assert ratios_of(found, found).low == 1.0
    with pytest.raises(ValueError, match="shorter"):
        ratios_of([*found, 1.0], found)


@pytest.mark.parametrize(
    ("median", "better", "goal", "met"),
    [(2.9, "less", 3.0, True), (3.1, "less", 3.0, False), (0.9, "more", 0.9, True),
     (0.8, "more", 0.9, False), (1.0, "more", None, None)],
)  # fmt: skip
def test_a_goal_is_met_by_the_median(
    median: float, better: Better, goal: float | None, met: bool | None
) -> None:
    assert ratio(median, better=better, goal=goal).met is met


@given(st.floats(1e-6, 1e9))
def test_a_number_is_written_within_half_a_percent_and_without_exponent(value: float) -> None:
    text = number(value).replace(",", "")
    assert math.isclose(float(text), value, rel_tol=0.0051)
    assert "e+" not in text


@pytest.mark.parametrize(
    ("before", "after", "is_worse"),
    [
        (ratio(2.0), ratio(2.6), False),
        (ratio(2.0), ratio(2.7), True),
        (ratio(2.0, better="more"), ratio(1.5, better="more"), False),
        (ratio(2.0, better="more"), ratio(1.4, better="more"), True),
        (ratio(1.0, goal=3.0), ratio(2.9, goal=3.0), False),
        (ratio(1.0, goal=3.0), ratio(3.1, goal=3.0), True),
        (ratio(2.0), ratio(0.1), False),
    ],
)
def test_only_what_noise_does_not_explain_is_a_regression(
    before: Ratio, after: Ratio, is_worse: bool
) -> None:
    assert bool(regressions(run_of(before), run_of(after))) is is_worse


def test_what_is_not_measured_any_more_is_reported_but_not_what_was_not_run() -> None:
    gone = regressions(run_of(ratio(1.0)), run_of())
    assert list(gone.values()) == ["ticks: cost is not measured any more"]
    assert regressions(run_of(ratio(1.0)), run_of(part="sweep")) == {}


def test_what_may_lack_is_no_regression_where_it_does_and_is_one_where_it_is_worse() -> None:
    before = msgspec.structs.replace(ratio(1.0), may_lack=True)
    assert regressions(run_of(before), run_of()) == {}
    assert regressions(run_of(before), run_of(ratio(2.0)))


@pytest.mark.parametrize(
    ("again", "counts"),
    [(ratio(2.0), True), (ratio(1.0), False), (ratio(2.0, name="other"), True)],
    ids=["worse again", "well again", "lacks then"],
)
def test_what_is_worse_counts_where_it_is_worse_when_its_part_is_measured_once_more(
    again: Ratio, counts: bool
) -> None:
    measured: list[str] = []
    lines: list[str] = []

    def measure(name: str) -> Part:
        measured.append(name)
        return run_of(again).parts[0]

    worse = worse_twice(run_of(ratio(1.0)), run_of(ratio(2.0)), measure, lines.append)
    assert bool(worse) is counts
    assert measured == ["ticks"]
    assert lines[0].startswith("worse: ticks: cost")


def test_what_is_worse_only_when_a_part_is_measured_once_more_does_not_count() -> None:
    """And a part is measured once, however many of its ratios were worse."""
    measured: list[str] = []

    def measure(name: str) -> Part:
        measured.append(name)
        return run_of(ratio(2.0), ratio(1.0, name="b"), ratio(2.0, name="c")).parts[0]

    stored = run_of(ratio(1.0), ratio(1.0, name="b"), ratio(1.0, name="c"))
    first = run_of(ratio(2.0), ratio(2.0, name="b"), ratio(1.0, name="c"))
    [worse] = worse_twice(stored, first, measure, list[str]().append)
    assert worse.startswith("ticks: cost ")
    assert measured == ["ticks"]


def test_what_is_well_is_not_measured_once_more() -> None:
    def measure(name: str) -> Part:
        raise AssertionError(name)

    lines: list[str] = []
    assert worse_twice(run_of(ratio(1.0)), run_of(ratio(1.0)), measure, lines.append) == []
    assert lines == []


def test_the_page_has_every_ratio_table_and_plot() -> None:
    page = page_of(run_of(ratio(4.0, goal=3.0), ratio(2.0, name="other")), "pictures")
    assert "| ticks | cost | one / other | 4 (3.6 to 4.4) | at most 3 | **missed** |" in page
    assert "| other | one / other | 2 (1.8 to 2.2) |" in page
    assert "| 1 | 2 |" in page
    assert "(pictures/bench-p.svg)" in page


def test_the_page_names_the_share_of_a_run_that_was_cut_short() -> None:
    whole = run_of(ratio(1.0))
    assert "full effort" not in page_of(whole, "pictures")
    cut = msgspec.structs.replace(whole, share=0.7)
    assert "A share of 0.7 of the full effort: " in page_of(cut, "pictures")


def test_a_function_in_angle_brackets_is_no_tag() -> None:
    table = Table("Times", ("function",), (("<listcomp>",),))
    run = run_of()
    parts = (msgspec.structs.replace(run.parts[0], tables=(table,)),)
    assert "| &lt;listcomp> |" in page_of(msgspec.structs.replace(run, parts=parts), "pictures")


def test_a_missed_goal_names_the_table_that_says_where_the_time_goes() -> None:
    title = run_of().parts[0].tables[0].title
    missed = msgspec.structs.replace(ratio(4.0, goal=3.0), profile=title)
    assert f"**missed**: see *{title}* |" in page_of(run_of(missed), "pictures")
    met = msgspec.structs.replace(ratio(2.0, goal=3.0), profile=title)
    assert "see *" not in page_of(run_of(met), "pictures")
    with pytest.raises(ValueError, match="cost names no table"):
        run_of(msgspec.structs.replace(missed, profile="no such table"))


def test_a_part_that_fails_is_reported_and_run_once_more() -> None:
    part = run_of().parts[0]
    lines: list[str] = []
    calls: list[tuple[str, float]] = []

    def run(name: str, share: float) -> Part:
        calls.append((name, share))
        if len(calls) == 1:
            raise SlotwiseError("a process ended")
        return part

    assert run_again("ticks", 0.5, lines.append, run) is part
    assert calls == [("ticks", 0.5)] * 2
    assert lines == ["ticks failed, and is run once more: a process ended"]


def test_a_part_that_fails_twice_ends_the_run() -> None:
    def run(name: str, share: float) -> Part:
        raise SlotwiseError("a process ended")

    with pytest.raises(SlotwiseError, match="a process ended"):
        run_again("ticks", 0.5, lambda _: None, run)


def test_a_run_is_read_back_as_it_was_written() -> None:
    run = run_of(ratio(1.5, goal=2.0))
    assert msgspec.json.decode(msgspec.json.encode(run), type=Run) == run


def test_a_plot_is_the_same_file_each_time(tmp_path: Path) -> None:
    [plot] = run_of().parts[0].plots
    for name in ("one", "two"):
        draw(plot, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    texts = "".join(ElementTree.parse(tmp_path / "one").getroot().itertext())
    assert "a plot" in texts
    assert "ours" in texts
