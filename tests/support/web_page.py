"""The page of `slotwise web` in a browser: logging in, and reading it as a person does.

The page may be drawn anew between two commands, so each function reads it in one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from selenium.common.exceptions import StaleElementReferenceException as STALE
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.support.web_process import NAME, PASSWORD

#: What a page shows is there within this, seconds, on a loaded machine.
SHOWN_S = 40.0


class Served(Protocol):
    """What serves pages."""

    @property
    def url(self) -> str: ...


#: Rows as they are listed, from the top.
_ROWS = """[...document.querySelectorAll('#grid .body .row')]
  .filter((row) => !row.hidden).sort((a, b) => a.dataset.place - b.dataset.place)"""


def log_in(chromium: Chrome, web: Served, password: str = PASSWORD) -> None:
    """Open the page, through the login where there is no session."""
    chromium.get(web.url)
    if chromium.current_url.endswith("/login"):
        fields = {"name": NAME, "password": password}
        for name, value in fields.items():
            chromium.find_element(By.NAME, name).send_keys(value)
        chromium.find_element(By.CSS_SELECTOR, "form button").click()


def go(chromium: Chrome, view: str) -> None:
    """Go to a view."""
    chromium.execute_script(f"location.hash = '#{view}'")


def text(chromium: Chrome, selector: str) -> str:
    """Return what a person reads in an element."""
    found: str = chromium.execute_script(
        """const one = document.querySelector(arguments[0]);
        return one && one.checkVisibility() ? one.innerText.replaceAll('\\t', ' ') : '';""",
        selector,
    )
    return found


def rows(chromium: Chrome, column: str = "name") -> list[str]:
    """Return the cells of a column as they are listed, from the top."""
    found: list[str] = chromium.execute_script(
        f"return {_ROWS}.map((row) => row.querySelector('.' + arguments[0]).textContent)", column
    )
    return found


def cell(chromium: Chrome, name: str, column: str) -> str:
    """Return a cell of the first row whose name has a text."""
    found: str = chromium.execute_script(
        f"""const own = {_ROWS}
            .find((row) => row.querySelector('.name').textContent.includes(arguments[0]));
        return own ? own.querySelector('.' + arguments[1]).textContent : '';""",
        name,
        column,
    )
    return found


def until(chromium: Chrome, holds: Callable[[], Any]) -> Any:
    """Wait until the page shows something, and return it."""
    return WebDriverWait(chromium, SHOWN_S, 0.1, (STALE,)).until(lambda _: holds())
