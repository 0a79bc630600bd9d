"""Keys of the live screen: each does what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from tests.support.textual_screen import screen_lines, settled, until_drawn
from tests.unit.top.worlds import source
from workers.screen.facts import Screen
from workers.top.app import TABS, Source, TopApp
from workers.top.sheet_view import SheetView


def after(*keys: str, tab: str = "portfolio", of: Source | None = None) -> list[str]:
    """Return the screen of 80 x 24 after these keys."""

    async def run() -> list[str]:
        app = TopApp(of or source(), tab)
        async with app.run_test(size=(80, 24)) as pilot:
            await until_drawn(app)
            for key in keys:
                await pilot.press(key)
                await settled(app)
            await app.workers.wait_for_complete()
            await settled(app)
            return screen_lines(app)

    return asyncio.run(run())


def test_a_frame_that_is_due_while_the_screen_is_closed_is_left_out() -> None:
    async def run() -> TopApp:
        app = TopApp(source())
        async with app.run_test(size=(80, 24)):
            await until_drawn(app)
        return app

    closed = asyncio.run(run())
    assert not closed.query("*")
    closed.draw()


@pytest.mark.parametrize("turns", range(0, 30, 3))
def test_a_message_that_comes_while_the_screen_is_closed_is_left_out(turns: int) -> None:
    """It comes some turns of the loop after the closing has begun."""

    async def run() -> None:
        app = TopApp(source())

        async def move() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            app.post_message(SheetView.Moved())

        async with app.run_test(size=(80, 24)):
            await until_drawn(app)
            moving = asyncio.get_running_loop().create_task(move())
        await moving

    asyncio.run(run())


@pytest.mark.parametrize("act", ["draw", "action_reverse"])
def test_a_frame_between_a_key_and_its_message_takes_no_move_back(act: str) -> None:
    """With many holdings a frame takes long: a key that is pressed meanwhile counts behind it."""

    async def run() -> tuple[str, str]:
        app = TopApp(source())
        async with app.run_test(size=(80, 24)):
            await until_drawn(app)
            view = app.query_one(SheetView)
            view.action_move(3)
            moved_to = view.chosen.key
            getattr(app, act)()
            await settled(app)
            return moved_to, app.view.key

    moved_to, kept = asyncio.run(run())
    assert moved_to == kept


def rows(lines: list[str]) -> list[str]:
    """Return the rows below the headings."""
    [heading] = [place for place, line in enumerate(lines) if line.startswith("contract")]
    return lines[heading + 1 : -1]


def place(lines: list[str]) -> str:
    """Return which row the page shows the cursor on."""
    return lines[1].split("plumbing")[1].strip()


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ((), "1 of 23"),
        (("down", "down", "j"), "4 of 23"),
        (("down", "down", "up"), "2 of 23"),
        (("up",), "1 of 23"),
        (("end",), "23 of 23"),
        (("end", "home"), "1 of 23"),
        (("end", "down"), "23 of 23"),
    ],
)
def test_cursor_keys_move_over_rows(keys: tuple[str, ...], expected: str) -> None:
    assert place(after(*keys)) == expected


def test_a_page_moves_the_rows() -> None:
    first, second = rows(after()), rows(after("pagedown", "pagedown"))
    assert second[-1].startswith("SPY 20261127 C 590")
    assert first[0] not in second
    assert rows(after("pagedown", "pagedown", "pageup", "pageup")) == first


@pytest.mark.parametrize("number", range(1, len(TABS) + 1))
def test_a_number_shows_its_tab(number: int) -> None:
    by_number = after(str(number))
    assert by_number[3:] == after(tab=TABS[number - 1])[3:]
    assert by_number == after(*["tab"] * (number - 1))


def test_s_sorts_by_the_next_column_and_r_the_other_way() -> None:
    names = rows(after("s"))
    assert names == sorted(names)
    # Of a column of numbers the largest comes first, and what is not known last.
    marks = after("s", "s", "s")
    assert "mark▼" in "".join(marks)
    assert rows(marks)[0].startswith("GAW GBP")
    assert rows(after("s", "s", "s", "end"))[-1].startswith("NONE")
    assert rows(after("s", "s", "s", "r", "end"))[-1].startswith("NONE")
    assert rows(after("s", "s", "s", "r"))[0] == rows(after("s", "s", "s", "end", "up"))[-2]


def test_the_filter_leaves_rows_that_have_its_words() -> None:
    typed = after("slash", *"QQQ 49")
    left = [row for row in rows(typed) if row.startswith("QQQ 2")]
    assert [row[:18] for row in left] == ["QQQ 20261127 C 490"]
    assert "only 'QQQ 49'  1 of 1" in typed[1]
    kept = after("slash", *"QQQ 49", "enter", "down")
    assert "1 of 1" in kept[1]
    assert place(after("slash", *"qqq", "enter", "escape")).endswith("of 23")
    assert "no row has 'zzz'" in "\n".join(after("slash", *"zzz", "enter"))


def test_a_filter_is_of_its_tab() -> None:
    assert place(after("slash", *"gaw", "enter", "2")).endswith("of 20")
    assert "only 'gaw'" in after("slash", *"gaw", "enter", "2", "1")[1]


def test_enter_says_why_and_any_of_its_keys_closes_it() -> None:
    asked: list[int] = []

    def ask_why(con_id: int) -> list[str]:
        asked.append(con_id)
        return ["SPY: rotated", "  quoted in turn each 15 s"]

    of = source(ask_why=ask_why)
    shown = "\n".join(after("slash", *"gaw", "enter", "enter", of=of))
    assert asked == [4]
    assert "quoted in turn each 15 s" in shown
    for key in ("escape", "enter", "q"):
        assert "quoted in turn" not in "\n".join(after("enter", key, of=of))


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_q_ends_it(key: str) -> None:
    async def run() -> bool:
        app = TopApp(source())
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(key)
            await pilot.pause()
            return app.is_running

    assert asyncio.run(run()) is False


def test_the_cursor_stays_on_its_contract_while_rows_change_places() -> None:
    async def names(app: TopApp, press: Callable[[str], Awaitable[None]]) -> list[str]:
        found = []
        for key in ("down", "s", "s", "r", "s"):
            await press(key)
            await settled(app)
            found.append(app.view.key)
        return found

    async def run() -> list[str]:
        app = TopApp(source())
        async with app.run_test(size=(80, 24)) as pilot:
            await until_drawn(app)
            return await names(app, pilot.press)

    assert len(set(asyncio.run(run()))) == 1


def test_an_error_in_a_frame_ends_it_with_a_trace_that_names_no_account(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> Screen:
        raise ValueError("of DU7654321")

    TopApp(msgspec.structs.replace(source(), screen=fail)).run(headless=True)
    trace = "".join(capsys.readouterr())
    assert "ValueError: of ******321" in trace
    assert "7654321" not in trace
