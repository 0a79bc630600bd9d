"""The documentation's site is built whole, with every link checked, and without a network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.compose import ROOT

pytest.importorskip("mkdocs", reason="make setup installs it; this environment is older")

#: Builds with a socket that reaches nothing.
OFFLINE = """
import socket, sys
def refuse(*_):
    raise OSError("no network here")
socket.socket.connect = socket.getaddrinfo = refuse
from mkdocs.__main__ import cli
cli()
"""
LOADED = re.compile(r'<(?:script|img|link)[^>]+(?:src|href)="(https?://[^"]+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-c", OFFLINE, "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    return folder


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("tutorial.html", "Activate a strategy"),
        ("simulator.html", "tws-simulator"),
        ("reference/settings.html", "SLOTWISE_LINES"),
        ("reference/commands.html", "slotwise strategies activate"),
        ("reference/api.html", "PositionUpdate"),
        ("tables.html", "position_updates"),
        ("decisions/index.html", "append"),
        ("contributing.html", "The fast loop"),
    ],
)
def test_a_page_of_the_site_says(site: Path, page: str, words: str) -> None:
    assert words in (site / page).read_text()


def test_every_public_name_is_described(site: Path) -> None:
    import slotwise

    text = (site / "reference" / "api.html").read_text()
    missing = [name for name in slotwise.__all__ if not re.search(rf'id="[\w.]+\.{name}"', text)]
    assert missing == []


def test_a_page_is_read_without_a_network(site: Path) -> None:
    """No script, style, font or picture comes from elsewhere."""
    for page in site.rglob("*.html"):
        assert LOADED.findall(page.read_text()) == [], page.name
