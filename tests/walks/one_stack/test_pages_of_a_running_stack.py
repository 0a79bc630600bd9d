"""A person reconciles from a page of a whole running system, and sees the report."""

from __future__ import annotations

import re
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.support.browser import browser
from tests.support.web_page import go, log_in, text, until
from tests.support.web_process import web_process
from tests.walks.running_stack import RunningStack

WORKERS = "table[aria-label='Workers']"


def test_reconciliation_from_a_page_matches_and_its_report_is_shown(
    stack: RunningStack, tmp_path: Path
) -> None:
    more = {"SLOTWISE_FLOWER_URL": stack.flower}
    url, lake = stack.env["REDIS_URL"], stack.env["SLOTWISE_LAKE"]
    with (
        web_process(tmp_path, redis_url=url, lake=lake, more=more) as web,
        browser(tmp_path) as page,
    ):
        log_in(page, web)
        until(page, lambda: "of 120 priced" in text(page, "#totals"))
        go(page, "book")
        until(page, lambda: matches(page))
        assert text(page, "#run-said") == "matched: 120 matched, 0 breaks"
        until(page, lambda: "matched: 120 matched, 0 breaks" in text(page, "#book"))
        assert "Open breaks: 0" in text(page, "#book")
        go(page, "queue")
        landed = "table[aria-label='The last landings']"
        until(page, lambda: re.search(r"\d\d:\d\d:\d\d \d+ \d+", text(page, landed)))
        batches = "table[aria-label='Batches']"
        took = r"\d\d:\d\d:\d\d \d+ 0 [\d,]+ ms [\d,]+ ms \S+"
        until(page, lambda: re.search(took, text(page, batches)))
        until(page, lambda: "poll@" in text(page, WORKERS))
        found = text(page, WORKERS)
        assert re.search(r"poll@\S+ poll \d+ 100 %", found), found
        assert re.search(r"lake@\S+ lake \d+ 100 %", found), found
        links = page.execute_script(
            "return [...document.querySelectorAll('#view-queue a')].map((one) => one.href)"
        )
        assert f"{stack.flower}/tasks" in links


def matches(page: Chrome) -> bool:
    """Run it, again where the first rows of a system that has just begun have not landed."""
    page.find_element(By.CSS_SELECTOR, "#run button").click()
    until(page, lambda: page.find_element(By.CSS_SELECTOR, "#run button").is_enabled())
    return text(page, "#run-said").startswith("matched:")
