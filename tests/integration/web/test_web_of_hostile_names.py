"""Names that others chose are texts and nothing else, however they look, and leave the page usable.

Strategies, symbols and reasons may hold markup, formulas, ten thousand characters, or marks that
turn the direction of what follows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from slotwise.bus.status import LegStatus
from tests.support.browser import browser
from tests.support.values import NOON
from tests.support.web_frames import ServedFrames, served_frames
from tests.support.web_page import SHOWN_S, go, log_in, rows, text, until
from tests.unit.web.rows import holdings, row
from tests.unit.web.test_system import found, gateway, lake, mask, queue
from workers.web.frame import FrameBuilder, Headline
from workers.web.system import system_of

#: Numbers of frames.
NUMBERS = count(1)
LONG = "x" * 10_000
NAMES = {
    1: "<img src=x onerror=window.ran=1>",
    2: "<script>window.ran=1</script>",
    3: "\"'><svg onload=window.ran=1>",
    4: "javascript:window.ran=1",
    5: LONG,
    6: "\u202eevil\u2066 עברית العربية",
    7: '=HYPERLINK("http://evil.example")',
    8: "__proto__",
    9: "constructor",
    10: "🦓 Z͑ͫ̓a\u0301lgo\u200b",
    11: "two\r\nlines, \x1b[2J and \x00",
    12: " ",
}
#: A page goes on working below texts of any length: its list has this height at least, pixels.
LEAST_HIGH = 100


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedFrames]:
    with served_frames(tmp_path_factory.mktemp("served")) as serving:
        yield serving


@pytest.fixture(scope="module")
def page(served: ServedFrames, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with browser(tmp_path_factory.mktemp("browser")) as chromium:
        log_in(chromium, served)
        publish(served)
        until(chromium, lambda: text(chromium, "#shown") == "14 holdings")
        yield chromium


def publish(served: ServedFrames) -> None:
    held = [
        row(con_id, contract=name, strategy=name, strategies=(name,), symbol=name)
        for con_id, name in NAMES.items()
    ]
    held += [row(20, currency="", contract="no currency"), row(21, None, contract="no price")]
    legs = tuple(
        LegStatus(con_id=con_id, label=name, strategies=(name,), reason=name)
        for con_id, name in NAMES.items()
    )
    breaks = [found(con_id, symbol=name, evidence=name) for con_id, name in NAMES.items()]
    system = system_of(gateway(legs=legs, detail=LONG), queue(), lake(*breaks), mask)
    headline = Headline(standing=NAMES[3], sentence=NAMES[1] + LONG, advice=NAMES[2] + LONG)
    number = next(NUMBERS)
    frame = FrameBuilder().build(number, holdings(*held, when=NOON), headline, system)
    served.publish(frame)


@pytest.fixture(autouse=True)
def nothing_ran(page: Chrome) -> Iterator[None]:
    go(page, "portfolio")
    yield
    logged: Any = page.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's own
    assert [one for one in logged if "Failed to load" not in one["message"]] == []
    assert page.execute_script("return window.ran ?? 'nothing ran'") == "nothing ran"
    assert (
        page.execute_script("return document.querySelectorAll('main img, main script').length") == 0
    )
    wide, inner = page.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= inner, "the page does not scroll sideways"


def test_portfolio_lists_them_as_texts(page: Chrome) -> None:
    until(page, lambda: rows(page))
    shown = rows(page)
    for con_id in (1, 2, 3, 4, 8, 9):
        assert NAMES[con_id] in shown, NAMES[con_id]
        assert f"▾ {NAMES[con_id]} (1)" in shown
    assert "evil עברית العربية" in shown, "marks that turn the direction are left out"
    assert "two lines, [2J and " in shown
    high = page.execute_script("return document.getElementById('grid').clientHeight")
    assert high >= LEAST_HIGH


@pytest.mark.parametrize("view", ["lines", "queue", "book", "contract/1", "contract/5"])
def test_other_views_show_them_as_texts(page: Chrome, view: str) -> None:
    go(page, view)
    panel = f"#view-{view.partition('/')[0]}"
    until(page, lambda: len(text(page, panel)) > 20)
    if view in ("lines", "book", "contract/1"):
        assert NAMES[1] in text(page, panel)
    high = page.execute_script(f"return document.querySelector('{panel}').clientHeight")
    assert high >= LEAST_HIGH


@pytest.mark.parametrize(
    "address", ["constructor", "__proto__", "toString/1", "contract/<img>", "contract", "/", "%ff"]
)
def test_address_that_names_no_view_shows_one_all_the_same(page: Chrome, address: str) -> None:
    page.set_script_timeout(SHOWN_S)
    page.execute_async_script(
        "window.addEventListener('hashchange', () => setTimeout(arguments[1]), { once: true });"
        "location.hash = arguments[0];",
        f"#{address}",
    )
    shown = "return [...document.querySelectorAll('.view')].filter((one) => !one.hidden).length"
    until(page, lambda: page.execute_script(shown) == 1)


def test_numbers_without_currency_or_price_are_listed_and_sums_say_what_they_lack(
    page: Chrome,
) -> None:
    totals = text(page, "#totals").splitlines()[1:]
    assert [one.split(" priced")[0] for one in totals] == [
        "all, in USD 13 of 14", "no currency 1 of 1", "USD 12 of 13",
    ]  # fmt: skip
    assert "1,200.00?" in totals[0], "one has no price, and one no rate"
    assert "NaN" not in text(page, "body")
    assert "undefined" not in text(page, "body")
    assert "null" not in text(page, "body")


def test_csv_has_every_holding_as_it_is_and_no_formula(page: Chrome) -> None:
    page.execute_script(
        "window.kept = null; const real = URL.createObjectURL; URL.createObjectURL = (one) => {"
        " one.text().then((words) => { window.kept = words; }); return real.call(URL, one); };"
    )
    page.find_element(By.ID, "csv").click()
    kept = until(page, lambda: page.execute_script("return window.kept"))
    read = {one["con_id"]: one for one in csv.DictReader(io.StringIO(kept, newline=""))}
    assert len(read) == 14
    for con_id in (1, 2, 3, 4, 5, 8, 9):
        assert read[str(con_id)]["contract"] == NAMES[con_id]
    assert read["7"]["contract"] == "'" + NAMES[7], "no spreadsheet runs it"
    assert Decimal(read["1"]["value"]) == 100
    assert (read["21"]["price"], read["21"]["value"], read["21"]["price_at"]) == ("", "", "")


def test_columns_are_chosen_and_stay_chosen_after_a_reload(
    page: Chrome, served: ServedFrames
) -> None:
    box = "#columns input[value=gamma]"
    page.find_element(By.CSS_SELECTOR, ".choose summary").click()
    page.find_element(By.CSS_SELECTOR, box).click()
    gone = "return [...document.querySelectorAll('.gamma')].every((one) => !one.checkVisibility())"
    assert page.execute_script(gone)
    columns = "return document.getElementById('grid').getAttribute('aria-colcount')"
    assert page.execute_script(columns) == "13"
    page.refresh()
    publish(served)
    until(page, lambda: page.execute_script("return document.querySelectorAll('.gamma').length"))
    assert page.execute_script(gone)
    page.find_element(By.CSS_SELECTOR, ".choose summary").click()
    page.find_element(By.CSS_SELECTOR, box).click()
    assert not page.execute_script(gone)
