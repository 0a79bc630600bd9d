"""A contract's past, drawn: axes, grid, band and fills, on a terminal, as SVG and as PNG."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.errors import InputError
from slotwise.lake.history import Seen
from slotwise.lake.price_history import Priced, marked_prices, quoted_prices
from slotwise.lake.store import Lake
from slotwise.report.axes import time_marks, value_marks
from slotwise.report.history_plot import HEIGHT, TOP, WIDTH, HistoryPlot, history_plot, svg_picture
from slotwise.report.markup import as_xml
from slotwise.report.png import write_png
from slotwise.report.terminal_plot import ROWS, plot_lines
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.row import mark_row
from tests.support.executed import execution
from tests.support.expected import assert_expected
from tests.support.landed import put
from tests.support.values import ACCOUNT, NOON, at, contract, quote
from workers.gateway.outbox.quote_rows import quote_row

#: What the terminal shows of the example.
EXPECTED = Path(__file__).parent / "history-70.txt"
SPACE = "{http://www.w3.org/2000/svg}"
NUMBERS = st.floats(-1e6, 1e6).map(lambda number: round(number, 3))
SECONDS = st.integers(0, 10**6)
PRICES = st.lists(
    st.builds(
        lambda seconds, value, band: Priced(
            at=at(seconds), value=value, by="quote" if band is None else "mark", band=band
        ),
        SECONDS,
        NUMBERS,
        st.none() | st.floats(0, 100),
    ),
    max_size=20,
)


def state(seconds: float, quantity: int, price: int | None = None) -> Seen:
    return Seen(
        account=ACCOUNT,
        quantity=Decimal(quantity),
        avg_cost=Decimal(1),
        price=None if price is None else Decimal(price),
        source="batch",
        strategy=None,
        observed_at=at(seconds),
        landed_at=at(seconds + 1),
    )


STATES = st.lists(
    st.builds(state, SECONDS, st.integers(-9, 9), st.none() | st.integers(1, 999)), max_size=12
).map(lambda states: sorted(states, key=lambda one: one.observed_at))


def example() -> HistoryPlot:
    """Ten held, four sold at a price of 104, two bought back at 102."""
    prices = [Priced(at=at(60 * n), value=100.0 + n, by="quote") for n in range(5)]
    prices.append(Priced(at=at(300), value=102.0, by="mark", band=0.5))
    states = [state(0, 10), state(250, 6), state(310, 8), state(600, 8)]
    found = history_plot("SPY", states, prices, "America/New_York")
    assert found is not None
    return found


def test_fills_are_where_the_quantity_changed_at_the_last_price_by_then() -> None:
    plot = example()
    assert [(fill.at, fill.quantity, fill.price) for fill in plot.fills] == [
        (at(250), -4.0, 104.0),
        (at(310), 2.0, 102.0),
    ]
    assert all(fill.is_inferred for fill in plot.fills)
    assert plot.band == ((at(300), 101.5, 102.5),)
    assert (plot.begin, plot.end) == (at(0), at(600))


def test_executions_are_the_fills_with_their_own_prices() -> None:
    """Four were sold in two parts; what was bought back has no explanation."""
    prices = [Priced(at=NOON, value=100.0, by="quote")]
    states = [state(0, 10), state(250, 6), state(310, 8)]
    sold = [execution(1, -1, "103.5", 248), execution(1, -3, "103", 249)]
    plot = history_plot("SPY", states, prices, "UTC", sold)
    assert plot is not None
    assert [(fill.quantity, fill.price, fill.is_inferred) for fill in plot.fills] == [
        (-1.0, 103.5, False),
        (-3.0, 103.0, False),
        (2.0, 103.0, True),
    ]
    assert (at(249), 103.0) in plot.price
    lines = "\n".join(plot_lines(plot, 70))
    assert "▼" in lines
    assert "△" in lines


def test_the_terminal_shows_axes_grid_and_fills() -> None:
    lines = plot_lines(example(), 70)
    assert_expected(EXPECTED, "\n".join(lines) + "\n")
    text = "\n".join(lines)
    assert "△" in text
    assert re.findall(r"^(\d{3}) ┤", text, re.MULTILINE) == ["104", "103", "102", "101", "100"]
    assert "08:00" in lines[-1]
    assert lines[-1].endswith("America/New_York")


@given(STATES, PRICES, st.integers(30, 200))
def test_whatever_the_past_was_lines_fit_and_rows_are_counted(
    states: list[Seen], prices: list[Priced], width: int
) -> None:
    plot = history_plot("x", states, prices, "UTC")
    if plot is None:
        assert not states
        assert not prices
        return
    lines = plot_lines(plot, width)
    assert len(lines) == (ROWS + 2 if plot.price else 0)
    assert all(len(line) <= max(width + len(" UTC"), 30) for line in lines)


@given(STATES, PRICES, st.text(max_size=20))
def test_an_svg_is_well_formed_and_all_of_it_is_inside(
    states: list[Seen], prices: list[Priced], title: str
) -> None:
    plot = history_plot(title, states, prices, "UTC")
    if plot is None:
        return
    svg: Element = fromstring(as_xml(svg_picture(plot)))
    panels = bool(plot.quantity) + bool(plot.price)
    assert len(svg.findall(f"{SPACE}polyline")) == panels
    for shape in (*svg.findall(f"{SPACE}polyline"), *svg.findall(f"{SPACE}polygon")):
        for pair in shape.attrib["points"].split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= panels * HEIGHT + TOP


def test_an_svg_has_marks_on_both_axes_a_band_and_a_sign_for_each_fill() -> None:
    svg = fromstring(as_xml(svg_picture(example())))
    texts = [text.text for text in svg.iter(f"{SPACE}text")]
    assert {"100", "102", "104", "08:04", "price", "quantity"} <= set(texts)
    assert [title.text for title in svg.iter(f"{SPACE}title")] == [
        "SPY",
        "-4, inferred",
        "+2, inferred",
    ]
    assert len(svg.findall(f"{SPACE}line")) > 8


def test_a_png_is_a_picture_of_the_same(tmp_path: Path) -> None:
    file = tmp_path / "past.png"
    write_png(example(), file)
    data = file.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(data[16:20]) == 1350
    without = tmp_path / "without.png"
    write_png(history_plot("SPY", [], [Priced(at=NOON, value=1.0, by="quote")], "UTC") or example(),
              without)  # fmt: skip
    assert without.read_bytes() != data


def test_a_png_without_matplotlib_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.dates", None)
    with pytest.raises(InputError, match=r"slotwise\[plot\]"):
        write_png(example(), tmp_path / "past.png")


@given(NUMBERS, st.floats(0.01, 1e6), st.integers(2, 9))
def test_marks_of_values_are_round_inside_and_not_too_many(
    low: float, size: float, most: int
) -> None:
    marks = value_marks(low, low + size, most)
    assert 1 <= len(marks) <= most
    for value, text in marks:
        assert low - size * 1e-6 <= value <= low + size * (1 + 1e-6)
        assert abs(float(text.replace(",", "")) - value) <= size / 100


@given(SECONDS, st.integers(1, 10**8), st.integers(1, 9))
def test_marks_of_times_are_inside_and_not_too_many(begin: int, seconds: int, most: int) -> None:
    first, last = at(begin), at(begin) + timedelta(seconds=seconds)
    marks: list[tuple[datetime, str]] = time_marks(first, last, ZoneInfo("Asia/Tokyo"), most)
    assert len(marks) <= most
    assert all(first <= moment <= last for moment, _ in marks)


def test_prices_come_from_quotes_and_marks_of_the_time(lake: Lake) -> None:
    rows = [
        quote_row(contract(1), quote(1, bid=n, ask=n + 1, observed_at=at(n))) for n in (10, 20, 30)
    ]
    put(lake, "quotes", [*rows, quote_row(contract(2), quote(2, bid=5, ask=6))], at(40))
    assert [(one.at, one.value) for one in quoted_prices(lake, 1, at(15), None)] == [
        (at(20), 20.5),
        (at(30), 30.5),
    ]
    assert quoted_prices(lake, 1, None, at(9)) == []
    assert marked_prices(lake, 1, None, None) == []


def test_marks_have_their_bands_and_unknown_ones_are_left_out(lake: Lake) -> None:
    rows = [
        mark_row(Mark(1, at(0).timestamp(), 2.5, 0.1, "model"), at(0)),
        mark_row(Mark(1, at(60).timestamp()), at(60)),
        mark_row(Mark(1, at(120).timestamp(), 2.75, 0.2, "model"), at(120)),
        mark_row(Mark(2, at(60).timestamp(), 9.0, 0.1, "model"), at(60)),
    ]
    put(lake, "marks", rows, at(130))
    assert marked_prices(lake, 1, None, None) == [
        Priced(at=at(0), value=2.5, by="mark", band=0.1),
        Priced(at=at(120), value=2.75, by="mark", band=0.2),
    ]
    assert [one.at for one in marked_prices(lake, 1, at(1), at(200))] == [at(120)]
