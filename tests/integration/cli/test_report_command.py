"""`slotwise report` as a process, and its page in a real browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from slotwise.lake.store import Lake
from tests.support.busy_day import ACCOUNTS, ALLOWED, LATE, BusyDay
from tests.support.command_process import run_command
from tests.support.page_browser import NAMES, browser, opened, photographed

SECTIONS = [
    "Portfolio", "Fills", "Positions", "Reconciliations", "Not seen", "Quote ages", "Lines",
    "Landings", "Numbers of the system",
]  # fmt: skip
needs_browser = pytest.mark.skipif(
    browser() is None, reason=f"no browser: none of {', '.join(NAMES)} is installed"
)


def report(lake: str, *args: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return run_command("report", *args, env={**os.environ, "SLOTWISE_LAKE": lake}, cwd=folder)


@pytest.fixture(scope="module")
def yesterday() -> date:
    """A day that is over, whenever the tests run."""
    return (datetime.now(UTC) - timedelta(days=1)).date()


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, yesterday: date) -> str:
    """A lake with a busy day in it; no test writes to it."""
    folder = tmp_path_factory.mktemp("busy") / "lake"
    Lake(str(folder)).create()
    BusyDay(Lake(str(folder)), yesterday).land()
    return str(folder)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, busy: str, yesterday: date) -> Path:
    """The page on that day."""
    folder = tmp_path_factory.mktemp("page")
    ended = report(busy, "--date", str(yesterday), "--out", "day.html", folder=folder)
    assert ended.returncode == 0, ended.stderr
    [line] = ended.stdout.splitlines()
    assert line.startswith(f"day.html: {yesterday} (UTC): value ")
    assert f", {ALLOWED} of {ALLOWED} lines at most" in line
    return folder / "day.html"


@needs_browser
def test_the_page_is_whole_in_a_browser(page: Path) -> None:
    """With each heading and picture, without an error, and without any request to the network."""
    seen = opened(page)
    assert re.findall(r"<h2>(.*?)</h2>", seen.dom) == SECTIONS
    for section in seen.dom.split("<section>")[1:]:
        assert 'role="img"' in section or re.search(
            "<h2>(Positions|Portfolio|Fills|Numbers of the system)<", section
        )
    assert seen.complaints == []
    assert seen.asked == []
    assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"']?https?:", seen.dom)


@needs_browser
def test_what_is_hostile_in_the_data_stays_text(page: Path) -> None:
    """A browser that took it for markup would run it, and forget the title."""
    dom = opened(page).dom
    assert "&lt;script&gt;document.title='broken'&lt;/script&gt;" in dom
    assert "&lt;b&gt;AT&amp;T&lt;/b&gt;" in dom
    assert "<script" not in dom
    assert "<title>Slotwise on" in dom


@needs_browser
def test_a_page_that_asks_and_complains_would_be_noticed(tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text('<img src="http://127.0.0.1:9/x.png"><script>nothing()</script>')
    seen = opened(bad)
    assert seen.asked == ["http://127.0.0.1:9/x.png"]
    assert "nothing is not defined" in " ".join(seen.complaints)


@needs_browser
@pytest.mark.parametrize("width", [500, 1000])
def test_the_page_can_be_photographed(page: Path, tmp_path: Path, width: int) -> None:
    picture = tmp_path / "page.png"
    photographed(page, picture, width, 1200)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_accounts_are_masked_unless_they_are_asked_for(
    page: Path, busy: str, yesterday: date
) -> None:
    masked = page.read_text()
    assert not any(account in masked for account in ACCOUNTS)
    assert "******321" in masked
    ended = report(
        busy, "--date", str(yesterday), "--whole-accounts", "--out", "w.html", folder=page.parent
    )
    assert ended.returncode == 0, ended.stderr
    assert ACCOUNTS[1] in (page.parent / "w.html").read_text()


def test_the_facts_come_as_json(busy: str, yesterday: date, tmp_path: Path) -> None:
    """And no page is written; what is in them is what was landed."""
    ended = report(busy, "--date", str(yesterday), "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert list(tmp_path.iterdir()) == []
    facts = json.loads(ended.stdout)
    assert facts["span"]["day"] == str(yesterday)
    assert max(one["held"] for one in facts["lines"]["buckets"]) == ALLOWED
    assert len(facts["lines"]["blind"]) == LATE
    assert [move["kind"] for move in facts["positions"]["moves"]] == [
        "changed", "closed", "opened", "changed", "expired",
    ]  # fmt: skip
    assert {one["cause"] for one in facts["reconciliations"]["breaks"]} == {
        "fill", "manual_trade", "expired",
    }  # fmt: skip
    assert not any(account in ended.stdout for account in ACCOUNTS)


def test_the_file_is_named_by_its_day_which_words_may_name(
    busy: str, yesterday: date, tmp_path: Path
) -> None:
    for words in ("yesterday", f"{yesterday:%A}"):
        ended = report(busy, "--date", words, folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        file = tmp_path / f"slotwise-{yesterday}.html"
        assert "Portfolio" in file.read_text()
        file.unlink()


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["--date", "someday"], 1, "'someday' is no day"),
        (["--date", "2020-02-03"], 2, "before the first row"),
        (["--date", "2999-01-01"], 2, "has not begun"),
        (["--zone", "Moon/Base"], 1, "Moon/Base"),
        (["--out", "nowhere/day.html"], 1, "nowhere/day.html cannot be written"),
    ],
)
def test_what_cannot_be_is_one_line(
    busy: str, tmp_path: Path, args: list[str], status: int, words: str
) -> None:
    ended = report(busy, *args, folder=tmp_path)
    assert ended.returncode == status
    [line] = ended.stderr.splitlines()
    assert line.startswith("slotwise: ")
    assert words in line


def test_a_lake_that_is_not_there_or_empty_is_one_line(lake: Lake, tmp_path: Path) -> None:
    for address, status, words in (
        (str(tmp_path / "nothing"), 2, "SLOTWISE_LAKE"),
        (lake.address, 2, "nothing has landed yet"),
    ):
        ended = report(address, folder=tmp_path)
        assert (ended.returncode, ended.stdout) == (status, "")
        [line] = ended.stderr.splitlines()
        assert words in line
    assert not list(tmp_path.glob("*.html"))
