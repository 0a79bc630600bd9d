"""Every view can be read and worked by everyone: names, roles, contrast; in both themes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from slotwise.bus.client import Bus
from tests.integration.web.published import publish
from tests.support.browser import browser
from tests.support.web_process import NAME, PASSWORD, web_process

VIEWS = ("portfolio", "lines", "queue", "book", "contract/1")
#: Least contrast of a text to its ground, WCAG 2.1, 1.4.3.
CONTRAST = 4.5
SHOWN_S = 40.0

#: Returns texts that are too faint: [text, contrast], by the formula of WCAG 2.1.
FAINT = """
const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => {
  const part = (one) => ((one /= 255) <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
};
const ground = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const colour = numbers(getComputedStyle(one).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
const found = [];
let seen = 0;
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
  if (!own || !element.checkVisibility()) continue;
  seen += 1;
  const [one, other] = [light(numbers(getComputedStyle(element).color)), light(ground(element))];
  const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  if (contrast < arguments[0]) found.push([element.textContent.slice(0, 40), contrast]);
}
return [seen, found];
"""

#: Returns what can be worked and has no name that a screen reader says.
NAMELESS = """
return [...document.querySelectorAll('a, button, input, select, meter, table, svg, [role=img]')]
  .filter((one) => one.checkVisibility() && one.getAttribute('aria-hidden') !== 'true')
  .filter((one) => !(one.textContent.trim() || one.getAttribute('aria-label')
    || one.labels?.length || one.id === 'totals'))
  .map((one) => one.outerHTML.slice(0, 100))
"""


@pytest.fixture(scope="module")
def chromium(
    redis_url: str, empty_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chrome]:
    folder = tmp_path_factory.mktemp("web")
    bus = Bus(redis_url, "test-names:")
    publish(bus)
    with (
        web_process(
            folder, redis_url=redis_url, key_prefix="test-names:", lake=str(empty_lake)
        ) as web,
        browser(folder) as running,
    ):
        running.get(web.url)
        assert running.execute_script(NAMELESS) == []
        assert running.execute_script(FAINT, CONTRAST)[1] == [], "the login"
        running.find_element(By.NAME, "name").send_keys(NAME)
        running.find_element(By.NAME, "password").send_keys(PASSWORD)
        running.find_element(By.CSS_SELECTOR, "form button").click()
        WebDriverWait(running, SHOWN_S).until(lambda _: "3 holdings" in running.page_source)
        yield running
    bus.close()


def show(chromium: Chrome, view: str, theme: str) -> None:
    chromium.execute_script(f"document.documentElement.dataset.theme = '{theme}'")
    chromium.execute_script(f"location.hash = '#{view}'")
    name = view.partition("/")[0]
    panel = chromium.find_element(By.ID, f"view-{name}")
    WebDriverWait(chromium, SHOWN_S).until(lambda _: panel.is_displayed() and len(panel.text) > 20)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_text_stands_out_from_its_ground(chromium: Chrome, view: str, theme: str) -> None:
    show(chromium, view, theme)
    seen, faint = chromium.execute_script(FAINT, CONTRAST)
    assert seen > 10
    assert faint == []


@pytest.mark.parametrize("view", VIEWS)
def test_everything_that_is_worked_or_drawn_has_a_name(chromium: Chrome, view: str) -> None:
    show(chromium, view, "light")
    assert chromium.execute_script(NAMELESS) == []


def test_list_has_the_roles_of_a_tree_of_rows(chromium: Chrome) -> None:
    show(chromium, "portfolio", "light")
    grid = chromium.find_element(By.ID, "grid")
    rows = grid.find_elements(By.CSS_SELECTOR, ".body > [role=row]:not([hidden])")
    assert grid.get_attribute("aria-rowcount") == str(len(rows) + 1)
    assert [row.get_attribute("aria-rowindex") for row in rows] == ["2", "3", "4", "5", "6"]
    assert [row.get_attribute("aria-level") for row in rows] == ["1", "2", "1", "2", "2"]
    titles = grid.find_elements(By.CSS_SELECTOR, "[role=columnheader]")
    for row in rows:
        assert len(row.find_elements(By.CSS_SELECTOR, "[role=gridcell]")) == len(titles)


def test_page_has_a_language_a_title_and_one_first_heading(chromium: Chrome) -> None:
    assert chromium.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    assert "Slotwise" in chromium.title
    assert len(chromium.find_elements(By.TAG_NAME, "h1")) == 1
    assert len(chromium.find_elements(By.CSS_SELECTOR, "nav a[aria-current=page]")) == 1
