"""Whatever the facts: the screen fits, whatever room there is, and claims no more than is known."""

from __future__ import annotations

import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from tests.support.any_screens import SCREENS, TEXTS
from tests.support.effort import examples
from tests.unit.cli.test_screens import printed
from workers.screen.data import as_data
from workers.screen.draw import rows_of
from workers.screen.facts import Screen
from workers.screen.section import folded
from workers.screen.slots import MOST_ROWS, Slots, bar
from workers.screen.verdict import checks_of, verdict_of
from workers.screen.words import plain

WIDTHS = st.integers(1, 250)
COUNTS = st.integers(0, 5000)


@settings(max_examples=examples(60))
@given(SCREENS, WIDTHS)
def test_no_row_is_too_wide(screen: Screen, width: int) -> None:
    rows = rows_of(screen, width)
    assert rows
    for row in rows:
        assert row.cell_len <= width
        assert row.plain.isprintable()


@settings(max_examples=examples(25))
@given(SCREENS, st.integers(20, 200))
def test_a_terminal_prints_what_was_laid_out(screen: Screen, width: int) -> None:
    """Rich wraps nothing again and adds no row."""
    shown = printed(screen, width)
    assert [row.rstrip() for row in shown] == [row.plain.rstrip() for row in rows_of(screen, width)]
    assert all(cell_len(row) <= width for row in shown)


@settings(max_examples=examples(40))
@given(SCREENS)
def test_the_verdict_follows_from_what_is_known(screen: Screen) -> None:
    standing = verdict_of(screen).standing
    failed = {check.name for check in checks_of(screen) if check.verdict == "fail"}
    away = screen.bus is None or bool(screen.bus.error)
    assert (standing == "well") is not bool(failed)
    if standing == "well":
        assert not away
        assert screen.workers is not None
        assert screen.lake is not None
    assert (standing != "well") >= away
    assert json.loads(msgspec.json.encode(as_data(screen)))["status"] == standing


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, WIDTHS)
def test_each_slot_is_drawn_once_or_all_to_scale(
    held: int, rotating: int, idle: int, not_granted: int, reserve: int, width: int
) -> None:
    slots = Slots(held=held, rotating=rotating, idle=idle, not_granted=not_granted, reserve=reserve)
    rows = bar(slots, width)
    drawn = "".join(row.plain for row in rows)
    total = held + rotating + idle + not_granted + reserve
    assert len(rows) <= MOST_ROWS
    assert max(map(len, (row.plain for row in rows)), default=0) <= width
    assert bool(drawn) == bool(total)
    for sign, count in zip("█▒░x·", (held, rotating, idle, not_granted, reserve), strict=True):
        if len(drawn) == total:
            assert drawn.count(sign) == count
        else:
            assert abs(drawn.count(sign) - count * len(drawn) / total) <= 1


@given(TEXTS, st.integers(4, 100))
def test_a_folded_text_loses_nothing_but_spaces(text: str, width: int) -> None:
    rows = folded(Text(plain(text)), width)
    assert all(row.cell_len <= width for row in rows)
    kept = "".join("".join(row.plain for row in rows).split())
    assert kept == "".join(plain(text).split())
