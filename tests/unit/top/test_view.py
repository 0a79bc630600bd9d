"""Order, filter and cursor of a sheet, and its layout: whatever the rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from workers.screen.portfolio_cells import Cell
from workers.top.layout import Layout
from workers.top.sheet import Column, Heading, SheetOf, SortKey
from workers.top.view import (
    View,
    at_place,
    reversed_order,
    shown_rows,
    sorted_by_next,
    with_cursor,
)

#: A name, and a number that may be unknown.
Row = tuple[str, float | None]
NAMES = st.text("abcXYZ 0123456789", min_size=1, max_size=30)
NUMBERS = st.none() | st.floats(-1e9, 1e9)
ROWS = st.lists(st.tuples(NAMES, NUMBERS), max_size=40, unique_by=lambda row: row[0])


def sheet(rows: list[Row]) -> SheetOf[Row]:
    """Return a sheet of names and numbers."""

    def number(row: Row) -> Cell:
        return Cell("?" if row[1] is None else f"{row[1]:,.2f}")

    def key(row: Row) -> SortKey:
        return row[1]

    return SheetOf(
        columns=(
            Column(Heading("name", is_text=True), lambda row: Cell(row[0]), lambda row: row[0]),
            Column(Heading("number", 1), number, key),
            Column(Heading("again", 2), number, key),
        ),
        rows=rows,
        key_of=lambda row: row[0],
        words_of=lambda row: row[0],
    )


@given(ROWS, st.booleans())
def test_rows_are_sorted_and_what_is_unknown_comes_last(rows: list[Row], descending: bool) -> None:
    found = [rows[row][1] for row in shown_rows(sheet(rows), View(column=1, descending=descending))]
    known = [number for number in found if number is not None]
    assert known == sorted(known, reverse=descending)
    assert found == known + [None] * (len(rows) - len(known))


@given(ROWS, st.text("abXYz ", max_size=5))
def test_a_filter_shows_the_rows_that_have_all_of_its_words(rows: list[Row], words: str) -> None:
    found = {rows[row][0] for row in shown_rows(sheet(rows), View(filter=words))}
    wanted = words.lower().split()
    assert found == {name for name, _ in rows if all(word in name.lower() for word in wanted)}


@given(ROWS, ROWS, st.integers(0, 50))
def test_the_cursor_is_on_a_shown_row_and_on_the_same_one_while_it_is_there(
    before: list[Row], after: list[Row], place: int
) -> None:
    first, second = sheet(before), sheet(after)
    view = at_place(first, View(), shown_rows(first, View()), place)
    moved = with_cursor(second, view, shown_rows(second, view))
    names = [name for name, _ in after]
    if not names:
        assert moved.place == 0
        return
    assert names[moved.place] == moved.key
    if view.key in names:
        assert moved.key == view.key


@given(ROWS, st.integers(1, 5))
def test_every_order_is_reached_and_left_again(rows: list[Row], steps: int) -> None:
    of = sheet(rows)
    view = View()
    seen = [view.column]
    for _ in range(steps):
        view = sorted_by_next(of, view, 1)
        seen.append(view.column)
    assert seen == [None, 0, 1, 2, None, 0][: steps + 1]
    for _ in range(steps):
        view = sorted_by_next(of, view, -1)
    assert view.column is None
    assert reversed_order(reversed_order(view)) == view


@given(ROWS, st.integers(8, 120))
def test_lines_fit_and_a_number_is_whole_or_absent(rows: list[Row], width: int) -> None:
    of = sheet(rows)
    layout = Layout()
    layout.fit(of, range(len(rows)), width)
    shown = [column for column, _ in layout.columns]
    assert layout.heading(of, View(column=1)).cell_len <= max(width, 18)
    for row in range(len(rows)):
        line = layout.row(of, row)
        assert line.cell_len <= max(width, 18)
        if 1 in shown:
            assert f"  {of.cell(row, 1).text}" in line.plain


def test_columns_do_not_become_narrower() -> None:
    rows: list[Row] = [("a", 1_000_000.0), ("b", 1.0)]
    layout = Layout()
    layout.fit(sheet(rows), [0, 1], 80)
    before = layout.columns
    layout.fit(sheet(rows), [1], 80)
    assert layout.columns == before
    assert cell_len(layout.row(sheet(rows), 1).plain) == cell_len(layout.row(sheet(rows), 0).plain)
