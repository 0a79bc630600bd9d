"""A real browser without a window: what a page is in it, and what it looks like.

The browser is kept off the network; what it asks of its maker is not counted.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

#: Names under which Chromium is installed.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: A page is there within a second; on a busy machine within a minute, seconds.
OPENS_S = 60.0
#: Who asked, in the browser's log of the network, where no page did.
NO_PAGE = "not an origin"


@dataclass(frozen=True)
class Seen:
    """The result of a page: its elements, its errors, and its requests."""

    dom: str
    complaints: list[str]
    asked: list[str]


def browser() -> str | None:
    """Find a browser; None where none is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def opened(page: Path) -> Seen:
    """Open a page and read what became of it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        network = Path(folder, "network.json")
        ended = _run(Path(folder), page, "--dump-dom", f"--log-net-log={network}")
        events = json.loads(network.read_text())["events"]
    reported = [event.get("params", {}) for event in events]
    return Seen(
        ended.stdout,
        [line for line in ended.stderr.splitlines() if "CONSOLE" in line],
        [one["url"] for one in reported if one.get("initiator", NO_PAGE) != NO_PAGE],
    )


def photographed(page: Path, picture: Path, width: int, height: int) -> None:
    """Take a picture of a page's upper part, in pixels."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        size = f"--window-size={width},{height}"
        _run(Path(folder), page, f"--screenshot={picture.absolute()}", size, "--hide-scrollbars")


def _run(folder: Path, page: Path, *does: str) -> subprocess.CompletedProcess[str]:
    name = browser()
    assert name is not None, "no browser is installed"
    return subprocess.run(
        [
            name, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--enable-logging=stderr", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile", *does, page.absolute().as_uri(),
        ],
        capture_output=True, text=True, timeout=OPENS_S, check=True,
    )  # fmt: skip
