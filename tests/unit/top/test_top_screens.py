"""The live screen as people see it, tab by tab; the files in `screens/` are what is expected."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.support.expected import assert_expected
from tests.support.textual_screen import screen_lines, settled, until_drawn
from tests.unit.top.worlds import source
from workers.top.app import TABS, Source, TopApp

FOLDER = Path(__file__).parent / "screens"


def shown(source: Source, tab: str, width: int, height: int, *keys: str) -> list[str]:
    """Return the lines that a terminal of this size shows."""

    async def run() -> list[str]:
        app = TopApp(source, tab)
        async with app.run_test(size=(width, height)) as pilot:
            await until_drawn(app)
            for key in keys:
                await pilot.press(key)
                await settled(app)
            return screen_lines(app)

    return asyncio.run(run())


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
@pytest.mark.parametrize("tab", TABS)
def test_a_tab_looks_as_expected(tab: str, width: int, height: int) -> None:
    lines = shown(source(), tab, width, height)
    assert max(map(cell_len, lines)) <= width
    assert_expected(FOLDER / f"{tab}-{width}x{height}.txt", "\n".join(lines) + "\n")


def test_an_outage_looks_as_expected() -> None:
    lines = shown(source(75, away=True), "portfolio", 80, 24)
    assert_expected(FOLDER / "outage-80x24.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("tab", ["portfolio", "lines"])
def test_in_an_outage_no_row_and_no_price_goes_and_each_age_grows(tab: str) -> None:
    before = shown(source(), tab, 140, 45)
    after = shown(source(75, away=True), tab, 140, 45)

    def prices(lines: list[str]) -> dict[str, str]:
        rows = [line for line in lines if line.startswith(("SPY 2", "QQQ 2", "IWM 2", "DIA 2"))]
        return {line[:18]: line[18:].split(" s ")[0] for line in rows}

    then, now = prices(before), prices(after)
    assert len(then) == 16
    for name, text in then.items():
        *numbers, age = text.split()
        *numbers_after, age_after = now[name].split()
        assert numbers_after == numbers
        assert int(age_after) == int(age) + 75
    assert not any(" fresh" in line for line in after if line.startswith(("SPY 2", "QQQ 2")))


def test_strategies_are_whole_where_there_is_room() -> None:
    lines = shown(source(), "portfolio", 120, 40)
    assert sum("condor-spy-1" in line for line in lines) == 4


def test_a_terminal_that_is_too_small_shows_what_fits() -> None:
    for width, height in ((30, 8), (12, 4), (200, 60)):
        lines = shown(source(), "portfolio", width, height)
        assert len(lines) == height
        assert max(map(cell_len, lines)) <= width
