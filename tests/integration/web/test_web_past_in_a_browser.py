"""A person goes back in time in a browser: the portfolio of then, marked as such, and back to now.

Outages of then and of now are told from each other.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from slotwise.bus.client import Bus
from slotwise.lake.store import Lake
from slotwise.rules.data_gaps import LineEvent, LineEventName
from slotwise.rules.marks.row import MarkRow
from slotwise.rules.valuation import position_row
from tests.integration.web.published import ACCOUNT, SPY, publish, publish_status, tick
from tests.integration.web.test_web_is_accessible import CONTRAST, FAINT, NAMELESS
from tests.support.browser import browser
from tests.support.landed import put
from tests.support.values import position, quote
from tests.support.web_page import cell, go, log_in, rows, text, until
from tests.support.web_process import web_process

#: Minutes ago -> quantity held, and the middle of its quote.
HELD = {300: (5, 500), 90: (7, 690)}
#: A trade of two hours ago that reached the lake half an hour ago only.
LATE_MIN, KNOWN_MIN, LATE = 120, 30, (11, 650)


@pytest.fixture(scope="module")
def boards(redis_url: str) -> Iterator[Bus]:
    bus = Bus(redis_url, "test-past-browser:")
    publish(bus)
    yield bus
    bus.close()


def land(lake: Lake, now: datetime, minutes: int, known: int, held: tuple[int, int]) -> None:
    """Land what was held so many minutes ago, as it became known later."""
    at, (quantity, middle) = now - timedelta(minutes=minutes), held
    one = position(1, quantity, contract=SPY, account=ACCOUNT, observed_at=at)
    price = quote(1, bid=middle - 1, ask=middle + 1, observed_at=at)
    landed = now - timedelta(minutes=known)
    put(lake, "position_updates", [position_row(one, price, source="batch")], landed)


def land_marks_and_gaps(lake: Lake, now: datetime) -> None:
    """Land two marks with bands, and a line that was lost for two minutes and is lost now."""
    ago = {minutes: now - timedelta(minutes=minutes) for minutes in (80, 70, 60, 58, 5)}
    marks = [MarkRow(1, ago[minutes], 700.0, 2.5, "model", 1.0, None, None) for minutes in (80, 60)]
    put(lake, "marks", marks, now)
    events: list[tuple[LineEventName, int]] = [
        ("opened", 80), ("first_tick", 70), ("lost", 60), ("returned", 58), ("gave_way", 5),
    ]  # fmt: skip
    history = [LineEvent(1, "SPY", name, "another needs it", 1, 9, ago[at]) for name, at in events]
    put(lake, "line_events", history, now)


@pytest.fixture(scope="module")
def page(
    boards: Bus, redis_url: str, empty_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chrome]:
    folder = tmp_path_factory.mktemp("web")
    shutil.copytree(empty_lake, folder / "lake")
    lake, now = Lake(str(folder / "lake")), datetime.now(UTC)
    for minutes, held in HELD.items():
        land(lake, now, minutes, minutes, held)
    land(lake, now, LATE_MIN, KNOWN_MIN, LATE)
    land_marks_and_gaps(lake, now)
    with (
        web_process(
            folder, redis_url=redis_url, key_prefix="test-past-browser:", lake=lake.address
        ) as web,
        browser(folder) as chromium,
    ):
        # It is noon there, so that all of the rows above are of today.
        zone = {"timezoneId": f"Etc/GMT{now.hour - 12:+d}"}
        chromium.execute_cdp_cmd("Emulation.setTimezoneOverride", zone)
        log_in(chromium, web)
        until(chromium, lambda: rows(chromium))
        yield chromium


@pytest.fixture(autouse=True)
def now_is_shown(page: Chrome, boards: Bus) -> None:
    """Begin each test with what is now."""
    publish(boards)
    page.execute_script(
        "document.getElementById('live').click();"
        "for (const id of ['as-of', 'known']) document.getElementById(id).value = '';"
    )
    until(page, lambda: cell(page, "SPY", "quantity") == "100")


def ask(page: Chrome, as_of: str, known: str = "") -> None:
    page.find_element(By.ID, "known").send_keys(known)
    page.find_element(By.ID, "as-of").send_keys(as_of, Keys.ENTER)


def is_marked(page: Chrome) -> bool:
    return bool(page.execute_script("return document.body.classList.contains('past')"))


def test_field_shows_the_portfolio_of_then_and_goes_back_to_now(page: Chrome, boards: Bus) -> None:
    ask(page, "1 h ago")
    until(page, lambda: cell(page, "SPY", "quantity") == "7")
    assert rows(page)[1:] == ["SPY"], "what came later is not there"
    assert cell(page, "SPY", "price") == "690.00"
    assert re.fullmatch("3[0-9] min stale", cell(page, "SPY", "age")), "its age is of then"
    assert "1 of 1 priced" in text(page, "#totals")
    assert text(page, "#past-said").startswith("as of ")
    assert is_marked(page)
    tick(boards, 1, 800)
    page.find_element(By.ID, "live").click()
    until(page, lambda: cell(page, "SPY", "price") == "801.00")
    assert cell(page, "SPY", "quantity") == "100"
    assert "3 of 3 priced" in text(page, "#totals")
    assert text(page, "#past-said") == ""
    assert not is_marked(page)


def test_news_of_now_change_nothing_of_then(page: Chrome, boards: Bus) -> None:
    ask(page, "4 h ago")
    until(page, lambda: cell(page, "SPY", "quantity") == "5")
    tick(boards, 1, 850)
    publish_status(boards, "another verdict")
    until(page, lambda: text(page, "#headline") == "another verdict")
    assert (cell(page, "SPY", "price"), cell(page, "SPY", "quantity")) == ("500.00", "5")


def test_two_clocks_what_was_and_what_was_known_of_it_then(page: Chrome) -> None:
    ask(page, "100 min ago")
    until(page, lambda: cell(page, "SPY", "quantity") == "11")
    page.find_element(By.ID, "known").send_keys("60 min ago", Keys.ENTER)
    until(page, lambda: cell(page, "SPY", "quantity") == "5")
    assert "as known at 60 min ago" in text(page, "#past-said")


def test_slider_goes_back_and_forth_by_the_keyboard(page: Chrome) -> None:
    slider = page.find_element(By.ID, "back")
    slider.send_keys(*[Keys.ARROW_LEFT] * 12)
    assert slider.get_attribute("aria-valuetext") == "60 min ago"
    until(page, lambda: cell(page, "SPY", "quantity") == "7")
    assert is_marked(page)
    slider.send_keys(Keys.END)
    until(page, lambda: cell(page, "SPY", "quantity") == "100")
    assert slider.get_attribute("aria-valuetext") == "now"
    assert not is_marked(page)


def test_contract_has_its_prices_with_band_its_fills_and_when_it_was_not_seen(
    page: Chrome,
) -> None:
    go(page, "contract/1")
    try:
        until(page, lambda: "Not seen: 3" in text(page, "#view-contract"))
        label, shapes = page.execute_script(
            "const one = document.querySelector('svg.plot');"
            "return [one.getAttribute('aria-label'), [...one.children].map((two) =>"
            " two.getAttribute('class') || two.tagName)]"
        )
        assert label.endswith("500.00 to 700.00; 2 fills, 2 inferred, 3 times not seen")
        assert shapes == [*["gap"] * 3, "band", "polyline", "sold inferred", "bought inferred"]
        gaps = text(page, "table[aria-label='Not seen']").splitlines()
        assert re.search(" now ([5-9]|1[0-9]) min gave way another needs it", gaps[1])
        assert "120 s lost another needs it" in gaps[2] or "2 min lost" in gaps[2]
        held = "spy-put: has a line, seen; its line is held for spy-put"
        assert held in text(page, "#view-contract")
    finally:
        go(page, "portfolio")


def test_row_has_a_small_line_of_the_day_and_none_in_the_past(page: Chrome) -> None:
    spark = (
        "const rows = [...document.querySelectorAll('.row.holding:not([hidden])')];"
        "const own = rows.find((row) => row.querySelector('.name').textContent === 'SPY');"
        "const cell = own.querySelector('[role=gridcell].spark');"
        "return [cell.getAttribute('aria-label'), cell.querySelector('polyline').points.length]"
    )
    until(page, lambda: page.execute_script(spark)[1])
    assert page.execute_script(spark) == ["today 500 to 690, from 500 to 690", 3]
    ask(page, "1 h ago")
    until(page, lambda: cell(page, "SPY", "quantity") == "7")
    assert page.execute_script(spark)[1] == 0


def test_lines_of_the_day_are_drawn_with_their_limit_and_what_was_not_seen(page: Chrome) -> None:
    go(page, "lines")
    try:
        until(page, lambda: "Not seen today: 1 contract" in text(page, "#view-lines"))
        labels = page.execute_script(
            "return [...document.querySelectorAll('#view-lines figure svg, .bar-of-day')]"
            ".map((one) => one.getAttribute('aria-label'))"
        )
        assert labels[0].endswith("at most 1 held, 9 allowed now")
        assert labels[1].startswith("SPY: 3 times, ")
        bars = "return document.querySelectorAll('.bar-of-day rect').length"
        assert page.execute_script(bars) == 3
    finally:
        go(page, "portfolio")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", ["past", "contract/1", "lines"])
def test_texts_of_rows_from_the_lake_stand_out_and_what_is_worked_has_a_name(
    page: Chrome, view: str, theme: str
) -> None:
    page.execute_script(f"document.documentElement.dataset.theme = '{theme}'")
    try:
        if view == "past":
            ask(page, "1 h ago")
            until(page, lambda: is_marked(page))
        else:
            go(page, view)
            until(page, lambda: "Not seen" in text(page, f"#view-{view.partition('/')[0]}"))
        seen, faint = page.execute_script(FAINT, CONTRAST)
        assert seen > 10
        assert faint == []
        assert page.execute_script(NAMELESS) == []
    finally:
        go(page, "portfolio")


@pytest.mark.parametrize(
    ("as_of", "known", "message"),
    [("nonsense", "", "is no time"), ("1 h ago", "never", "is no time"), ("9 d ago", "", "before")],
)
def test_what_cannot_be_known_is_reported_and_now_stays(
    page: Chrome, as_of: str, known: str, message: str
) -> None:
    ask(page, as_of, known)
    until(page, lambda: message in text(page, "#past-said"))
    assert cell(page, "SPY", "quantity") == "100"
    assert not is_marked(page)


@pytest.mark.parametrize(("as_of", "message"), [("banana", "is no time"), ("9 d ago", "before")])
def test_question_that_fails_leaves_the_label_of_the_past_that_is_shown(
    page: Chrome, as_of: str, message: str
) -> None:
    ask(page, "1 h ago")
    until(page, lambda: cell(page, "SPY", "quantity") == "7")
    label = text(page, "#past-said")
    page.find_element(By.ID, "as-of").clear()
    ask(page, as_of)
    until(page, lambda: message in text(page, "#past-said"))
    assert text(page, "#past-said").startswith(f"{label}; ")
    assert cell(page, "SPY", "quantity") == "7"
    assert is_marked(page)
