"""A person opens Flower in a browser: the way to the workers, the batches and one task."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.support.browser import browser
from tests.walks.running_stack import FLOWER_USER, RunningStack

#: What a page shows is there within this, seconds.
SHOWN_S = 60.0
#: What is being looked at is not there yet, or not any more.
REDRAWN = (NoSuchElementException, StaleElementReferenceException)
#: Where pictures for the docs go, if they are asked for.
PICTURES = os.environ.get("SLOTWISE_TEST_PICTURES", "")


def test_a_person_logs_in_and_sees_workers_batches_and_a_task(
    stack: RunningStack, tmp_path: Path
) -> None:
    """Without the password there is nothing to see; a batch is a count and its first contracts."""
    with browser(tmp_path) as chromium:
        stack.eventually(lambda: landed(stack) >= 100, 60, "two batches and more landed")
        chromium.get(stack.flower)
        assert "poll@" not in chromium.page_source, "nothing is shown to a stranger"

        address = urlsplit(stack.flower)
        chromium.get(f"{address.scheme}://{FLOWER_USER}@{address.netloc}/")
        chromium.get(stack.flower)
        until(chromium, lambda: {"poll@", "lake@"} <= set(re.findall(r"\w+@", text(chromium))))
        until(chromium, lambda: "Online" in text(chromium))
        picture(chromium, "flower-workers")

        chromium.get(f"{stack.flower}/tasks?limit=100")
        search = until(
            chromium, lambda: chromium.find_elements(By.CSS_SELECTOR, "input[type=search]")
        )
        search[0].send_keys("name:tasks.batches.poll_batch")
        shown = r"(\d+) contracts: (\d+), (\d+), (\d+) \.\.\."
        row = until(chromium, lambda: re.search(shown, text(chromium)))
        assert 3 < int(row[1]) <= 50
        assert all(len(line) < 300 for line in text(chromium).splitlines()), "no wall of contracts"
        until(chromium, lambda: "SUCCESS" in text(chromium))
        picture(chromium, "flower-tasks")

        link = "#tasks-table tbody a[href*='/task/']"
        chromium.get(
            until(
                chromium,
                lambda: chromium.find_element(By.CSS_SELECTOR, link).get_attribute("href"),
            )
        )
        words = ("tasks.batches.poll_batch", "poll@", "SUCCESS")
        until(chromium, lambda: all(one in text(chromium) for one in words))


def test_the_broker_page_shows_the_queues_and_the_tasks_page_the_newest_first(
    stack: RunningStack, tmp_path: Path
) -> None:
    stack.eventually(stack.flower_is_up, 60, "Flower answers")
    with browser(tmp_path) as chromium:
        address = urlsplit(stack.flower)
        chromium.get(f"{address.scheme}://{FLOWER_USER}@{address.netloc}/")
        chromium.get(f"{stack.flower}/broker")
        until(chromium, lambda: {"poll", "lake"} <= set(text(chromium).split()))
        chromium.get(f"{stack.flower}/tasks")
        header = "th[data-column=received]"
        until(chromium, lambda: chromium.find_elements(By.CSS_SELECTOR, header))
        until(
            chromium,
            lambda: "desc" in str(
                chromium.find_element(By.CSS_SELECTOR, header).get_attribute("class")
            ),
        )  # fmt: skip


def landed(stack: RunningStack) -> int:
    """Count contracts with a row."""
    if not (stack.lake / "position_updates").exists():
        return 0
    ((count,),) = stack.sql("select count(distinct con_id) from {position_updates}")
    return int(count)


def text(chromium: Chrome) -> str:
    """Give what a person reads on the page."""
    return chromium.find_element(By.TAG_NAME, "body").text


def until(chromium: Chrome, holds: Callable[[], Any]) -> Any:
    """Wait until the page shows something, and return it; it may be redrawn in that time."""
    return WebDriverWait(chromium, SHOWN_S, ignored_exceptions=REDRAWN).until(lambda _: holds())


def picture(chromium: Chrome, name: str) -> None:
    """Keep a picture where pictures are asked for."""
    if PICTURES:
        chromium.save_screenshot(str(Path(PICTURES) / f"{name}.png"))
