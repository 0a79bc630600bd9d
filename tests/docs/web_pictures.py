"""Take the pictures of the web application: `python -m tests.docs.web_pictures`.

It runs a whole system against the simulator, and opens each view in a browser: light and dark, as
wide as a desktop and as a phone.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.support.browser import browser
from tests.support.compose import ROOT
from tests.support.web_process import NAME, PASSWORD, WebProcess, web_process
from tests.walks.running_stack import RunningStack, as_json, running_stack

PICTURES = ROOT / "docs" / "pictures"
POSITIONS = 200
#: Contracts of the strategy whose lines are drawn.
LEGS = 12
#: What the pictures are of, beside the contract: the view's name, and a text that it has.
VIEWS = {
    "portfolio": f"{POSITIONS} of {POSITIONS} priced",
    "lines": "has a line",
    "queue": "waiting",
    "book": "matched",
}
#: Widths and heights, pixels; a phone's is the narrowest that the browser's window has.
SIZES = {"": (1400, 760), "-phone": (500, 860)}
THEMES = {"": "light", "-dark": "dark"}
#: Chooses a theme as a person does, by the button that names the one that it brings.
CHOOSE = (
    "const button = document.getElementById('theme');"
    "if (button.textContent.toLowerCase() === arguments[0]) button.click();"
)
#: Colours of a picture: it is text on two grounds.
COLOURS = 64
#: What a view shows is there within this, seconds.
SHOWN_S = 60.0
#: A view is drawn and its numbers have come within this, seconds.
SETTLE_S = 1.5


def take(stack: RunningStack, folder: Path) -> None:
    """Take every picture."""
    stack.eventually(lambda: bool(held(stack)), 60, "positions are published")
    legs = ",".join(str(con_id) for con_id in held(stack)[:LEGS])
    stack.slotwise("strategies", "activate", "condors", "--legs", legs, "--priority", "1")
    stack.slotwise("reconcile", "--json")
    url, lake = stack.env["REDIS_URL"], stack.env["SLOTWISE_LAKE"]
    with (
        web_process(folder, redis_url=url, lake=lake) as web,
        browser(folder) as chromium,
    ):
        log_in(chromium, web)
        for view, text in (VIEWS | {f"contract/{held(stack)[0]}": "states were recorded"}).items():
            chromium.execute_script(f"location.hash = '#{view}'")
            wait_for(chromium, text)
            for size, (width, height) in SIZES.items():
                chromium.set_window_size(width, height)
                for theme, name in THEMES.items():
                    chromium.execute_script(CHOOSE, name)
                    time.sleep(SETTLE_S)
                    keep(chromium, f"web-{view.partition('/')[0]}{theme}{size}.png")


def held(stack: RunningStack) -> list[int]:
    """Return the contracts that are held, shares and options of the strategy first."""
    answer = stack.slotwise("portfolio", "--json", "--symbol", "IWM,QQQ,SPY")
    rows = as_json(answer)["rows"] if answer.returncode == 0 else []
    return [row["con_id"] for row in rows if row["kind"] == "OPT"]


def log_in(chromium: Chrome, web: WebProcess) -> None:
    """Log in, as a person does."""
    chromium.get(web.url)
    chromium.find_element(By.NAME, "name").send_keys(NAME)
    chromium.find_element(By.NAME, "password").send_keys(PASSWORD)
    chromium.find_element(By.CSS_SELECTOR, "form button").click()


def wait_for(chromium: Chrome, text: str) -> None:
    """Wait until the page shows a text."""
    body = chromium.find_element(By.TAG_NAME, "body")
    WebDriverWait(chromium, SHOWN_S).until(lambda _: text in body.text)


def keep(chromium: Chrome, name: str) -> None:
    """Write what the browser shows as a small picture."""
    taken = Image.open(io.BytesIO(chromium.get_screenshot_as_png())).convert("RGB")
    taken.quantize(COLOURS).save(PICTURES / name, optimize=True)
    sys.stdout.write(f"{name}\n")


def main() -> None:
    """Run the system, and take the pictures."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with running_stack(folder, positions=POSITIONS, without=frozenset({"flower"})) as stack:
            take(stack, folder)


if __name__ == "__main__":
    main()
