"""A headless chromium, driven by Debian's chromedriver; a test without them is skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

#: A page has this long to load, seconds, on a loaded machine.
PAGE_S = 60
#: Pixels of the window: what a screenshot shows.
WIDTH, HEIGHT = 1400, 900
#: It runs as root in a container, has no screen, and sends no request to the network.
SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    f"--window-size={WIDTH},{HEIGHT}",
)


@contextmanager
def browser(folder: Path) -> Iterator[webdriver.Chrome]:
    """Run a browser whose files are in a folder."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium and chromedriver: `make test` installs them where it may")
        pytest.skip("needs chromium and chromedriver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for switch in (*SWITCHES, f"--user-data-dir={folder / 'chromium'}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    running = webdriver.Chrome(options, Service(driver, log_output=str(folder / "driver.log")))
    try:
        running.set_page_load_timeout(PAGE_S)
        yield running
    finally:
        running.quit()
