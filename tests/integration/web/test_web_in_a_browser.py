"""A person opens the web application in a browser: logs in, looks, sorts, filters, and waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from slotwise.bus.client import Bus
from slotwise.portfolio.price import FRESH_S
from tests.integration.web.published import publish, publish_status, tick
from tests.support.browser import browser
from tests.support.web_page import SHOWN_S, cell, log_in, rows, text, until
from tests.support.web_process import PASSWORD, WebProcess, web_process

PREFIX = "/desk/slotwise"
#: Gives when the price of SPY is first shown as late, and for how long the page stood still.
FIRST_LATE = """
const done = arguments[0];
let [before, longest] = [performance.now(), 0];
const look = () => {
  longest = Math.max(longest, performance.now() - before);
  before = performance.now();
  const own = [...document.querySelectorAll('.row:not([hidden])')]
    .find((row) => row.querySelector('.name').textContent === 'SPY');
  if (own?.querySelector('.age').textContent.endsWith('late')) done([Date.now(), longest]);
  else setTimeout(look, 20);
};
look();
"""


@pytest.fixture(scope="module")
def boards(redis_url: str) -> Iterator[Bus]:
    bus = Bus(redis_url, "test-browser:")
    publish(bus)
    yield bus
    bus.close()


@pytest.fixture(scope="module")
def web(
    redis_url: str, empty_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebProcess]:
    folder = tmp_path_factory.mktemp("web")
    lake = str(empty_lake)
    with web_process(
        folder, redis_url=redis_url, key_prefix="test-browser:", lake=lake, prefix=PREFIX
    ) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def page(chromium: Chrome, web: WebProcess, boards: Bus) -> Chrome:
    """Open the page again, logged in, with boards of now."""
    publish(boards)
    log_in(chromium, web)
    until(chromium, lambda: text(chromium, "#headline") == "all well: 3 positions")
    return chromium


def test_wrong_password_is_reported_and_shows_nothing(chromium: Chrome, web: WebProcess) -> None:
    chromium.get(web.url)
    chromium.delete_all_cookies()
    log_in(chromium, web, "guess")
    until(chromium, lambda: "not right" in chromium.page_source)
    assert "not right" in text(chromium, "[role=alert]")
    assert "SPY" not in chromium.page_source


def test_page_shows_verdict_sums_and_the_tree_of_strategies(page: Chrome) -> None:
    assert text(page, "#headline") == "all well: 3 positions"
    assert rows(page) == ["▾ qqq (1)", "QQQ", "▾ spy-put (2)", "SPY", "SPY 20261218 P 560"]
    assert "3 of 3 priced" in text(page, "#totals")
    assert cell(page, "qqq", "price") == "1 of 1"
    assert cell(page, "SPY 2026", "value") == "-1,200.00"
    assert cell(page, "SPY 2026", "delta") == "?", "no greeks are published"


def test_number_changes_without_a_reload(page: Chrome, boards: Bus) -> None:
    page.execute_script("window.sameDocument = true")
    tick(boards, 3, 650)
    until(page, lambda: cell(page, "QQQ", "price") == "651.00")
    assert cell(page, "qqq", "value") == "6,510.00"
    assert page.execute_script("return window.sameDocument") is True


def test_tree_of_underlyings_and_expiries(page: Chrome) -> None:
    option = "#tree option[value='underlying,expiry']"
    page.find_element(By.CSS_SELECTOR, option).click()
    assert rows(page) == [
        "▾ QQQ (1)", "▾ no expiry (1)", "QQQ",
        "▾ SPY (2)", "▾ 2026-12-18 (1)", "SPY 20261218 P 560", "▾ no expiry (1)", "SPY",
    ]  # fmt: skip


def test_sort_orders_groups_and_holdings_and_a_third_click_ends_it(page: Chrome) -> None:
    button = page.find_element(By.CSS_SELECTOR, ".head .value button")
    button.click()
    assert rows(page)[0] == "▾ spy-put (2)", "the largest value first"
    assert rows(page)[1:3] == ["SPY", "SPY 20261218 P 560"]
    header = page.find_element(By.CSS_SELECTOR, ".head .value")
    assert header.get_attribute("aria-sort") == "descending"
    button.click()
    assert rows(page)[0] == "▾ qqq (1)"
    assert rows(page)[3:] == ["SPY 20261218 P 560", "SPY"]
    button.click()
    assert header.get_attribute("aria-sort") == "none"


def test_filter_leaves_what_has_all_its_words(page: Chrome) -> None:
    page.find_element(By.TAG_NAME, "body").send_keys("/")
    page.switch_to.active_element.send_keys("spy options")
    assert rows(page) == ["▾ spy-put (1)", "SPY 20261218 P 560"]
    assert text(page, "#shown") == "1 of 3 holdings; sums are of whole groups"
    page.switch_to.active_element.send_keys(" nonsense")
    assert rows(page) == []


def test_groups_open_and_close_by_the_keyboard(page: Chrome) -> None:
    grid = page.find_element(By.ID, "grid")
    grid.send_keys(Keys.HOME, Keys.ARROW_LEFT)
    assert rows(page)[:2] == ["▸ qqq (1)", "▾ spy-put (2)"]
    grid.send_keys(Keys.ARROW_RIGHT, Keys.END)
    active = page.find_element(By.ID, grid.get_attribute("aria-activedescendant") or "")
    assert "P 560" in active.text
    grid.send_keys(Keys.ARROW_LEFT)
    active = page.find_element(By.ID, grid.get_attribute("aria-activedescendant") or "")
    assert "spy-put" in active.text
    assert active.get_attribute("aria-expanded") == "true"


def test_price_without_news_becomes_late_and_stale_in_the_page(page: Chrome, boards: Bus) -> None:
    """At the moment at which it does by the rules, with no message about it."""
    tick(boards, 1, 700, age_s=12)
    until(page, lambda: "fresh" in cell(page, "SPY", "age") and "1" in cell(page, "SPY", "age"))
    until(page, lambda: "late" in cell(page, "SPY", "age"))
    tick(boards, 1, 701, age_s=118)
    until(page, lambda: cell(page, "SPY", "price") == "702.00")
    until(page, lambda: "stale" in cell(page, "SPY", "age"))
    assert "word-stale" in str(
        page.find_element(By.CSS_SELECTOR, ".row .age.word-stale").get_attribute("class")
    )


def test_numbers_age_and_the_page_says_so_while_the_server_is_away(
    page: Chrome, boards: Bus, redis_url: str, empty_lake: Path, tmp_path: Path
) -> None:
    with web_process(
        tmp_path, redis_url=redis_url, key_prefix="test-browser:", lake=str(empty_lake)
    ) as other:
        log_in(page, other)
        observed_at = tick(boards, 1, 700)
        until(page, lambda: cell(page, "SPY", "price") == "701.00")
        until(page, lambda: "fresh" in cell(page, "SPY", "age"))
        other.end()
        page.set_script_timeout(SHOWN_S)
        late_at_ms, longest_ms = page.execute_async_script(FIRST_LATE)
        after_ms = late_at_ms - (observed_at.timestamp() + FRESH_S) * 1000
        assert 0 <= after_ms <= 1_000 + 2 * longest_ms, "as the board says, within a second"
        until(page, lambda: "no news for" in text(page, "#headline"))
        assert cell(page, "SPY", "price") == "701.00", "the last that came"
        assert page.find_element(By.ID, "headline").get_attribute("data-standing") == "unknown"


def test_lines_are_a_picture_of_slots_and_the_contracts_that_want_them(page: Chrome) -> None:
    page.find_element(By.CSS_SELECTOR, "nav a[href='#lines']").click()
    label = "10 slots: 1 held, 9 idle"
    until(page, lambda: page.find_elements(By.CSS_SELECTOR, f".slots[aria-label='{label}']"))
    assert len(page.find_elements(By.CSS_SELECTOR, ".slots .slot.held")) == 1
    legs = "table[aria-label='Active contracts']"
    until(page, lambda: "spy-put has a line seen" in text(page, legs))
    assert "qqq none seen" in text(page, legs)


def test_queue_shows_ages_and_the_last_landings(page: Chrome) -> None:
    page.find_element(By.CSS_SELECTOR, "nav a[href='#queue']").click()
    until(page, lambda: "150 waiting, 50 in 1 batch;" in text(page, "#view-queue"))
    meters = "[...document.querySelectorAll('#view-queue meter')]"
    labels = page.execute_script(f"return {meters}.map((one) => one.getAttribute('aria-label'))")
    assert labels[:2] == [
        "120 items up to 5 s old", "80 items up to 10 s old",
    ]  # fmt: skip
    assert "1,234" in text(page, "table[aria-label='The last landings']")


def test_reconciliation_says_where_there_is_no_report(page: Chrome) -> None:
    page.find_element(By.CSS_SELECTOR, "nav a[href='#book']").click()
    until(page, lambda: "There is no report yet." in text(page, "#view-book"))
    assert "Open breaks: 0" in text(page, "#view-book")


def test_reconciliation_is_run_from_the_page_and_its_report_is_shown(
    page: Chrome, boards: Bus
) -> None:
    page.find_element(By.CSS_SELECTOR, "nav a[href='#book']").click()
    boards.redis.delete(boards.key("status", "GatewayStatus"))
    page.find_element(By.CSS_SELECTOR, "#run button").click()
    until(page, lambda: "stale: 0 matched, 0 breaks" in text(page, "#run-said"))
    assert "gateway" in text(page, "#run-report")
    assert page.find_element(By.CSS_SELECTOR, "#run button").is_enabled()


def test_holding_opens_its_contract_by_the_keyboard(page: Chrome) -> None:
    page.find_element(By.ID, "grid").send_keys(Keys.HOME, Keys.ARROW_DOWN, Keys.ENTER)
    until(page, lambda: "No row names it in this time." in text(page, "#view-contract"))
    assert page.current_url.endswith("#contract/3")
    until(page, lambda: "qqq: has no line, seen" in text(page, "#view-contract"))
    assert "6,010.00" in text(page, "table[aria-label='Holdings']")
    page.back()
    until(page, lambda: page.find_element(By.ID, "grid").is_displayed())


def test_time_that_is_none_is_reported_and_changes_nothing(page: Chrome) -> None:
    page.find_element(By.ID, "as-of").send_keys("nonsense", Keys.ENTER)
    until(page, lambda: "is no time" in text(page, "#past-said"))
    assert "QQQ" in rows(page)
    assert not page.find_element(By.ID, "live").is_displayed()


def test_page_comes_back_by_itself_and_goes_to_the_login_without_a_session(
    page: Chrome, boards: Bus, web: WebProcess
) -> None:
    own = next(one for one in page.get_cookies() if str(web.port) in one["name"])
    cookie = f"{own['name']}={own['value']}"
    web.ask("/logout", method="POST", cookie=cookie)
    publish_status(boards)
    until(page, lambda: page.current_url.endswith("/login"))


def test_numbers_fit_a_phone_and_dark_is_dark(page: Chrome) -> None:
    page.set_window_size(500, 860)
    try:
        wide = page.execute_script(
            "return [document.documentElement.scrollWidth, innerWidth,"
            " document.getElementById('grid').scrollWidth,"
            " document.getElementById('grid').clientWidth]"
        )
        assert wide[0] <= wide[1], "the page does not scroll sideways"
        assert wide[2] <= wide[3], "neither does the list"
        assert page.find_element(By.CSS_SELECTOR, ".row .price").is_displayed()
        assert not page.find_element(By.CSS_SELECTOR, ".row .gamma").is_displayed()
        before = page.execute_script("return getComputedStyle(document.body).color")
        page.find_element(By.ID, "theme").click()
        after = page.execute_script("return getComputedStyle(document.body).color")
        assert before != after
        page.find_element(By.ID, "theme").click()
    finally:
        page.set_window_size(1400, 900)


def test_page_asks_its_own_host_alone_and_breaks_no_policy(page: Chrome, web: WebProcess) -> None:
    asked: list[str] = page.execute_script(
        "return performance.getEntriesByType('resource').map((one) => one.name)"
    )
    assert asked
    assert all(one.startswith(web.url) for one in asked), asked
    logged: Any = page.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's own
    complaints = [one for one in logged if "Content Security" in one["message"]]
    assert complaints == []
    assert PASSWORD not in " ".join(asked)
    ran = page.execute_script(
        "const one = document.createElement('script'); one.textContent = 'window.ran = 1';"
        "document.body.append(one); return window.ran ?? 0"
    )
    assert ran == 0, "no inline script runs"
