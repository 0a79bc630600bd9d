"""Questions of a page about the past: answered from the lake, and refused in words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from slotwise.lake.store import Lake
from slotwise.rules.valuation import position_row
from tests.integration.web.published import ACCOUNT, SPY
from tests.support.landed import put
from tests.support.values import position, quote
from tests.support.web_process import WebProcess, web_process

#: What was held: the quantity by its age in hours.
HELD = {30: 5, 3: 7, 1: 9}


@pytest.fixture(scope="module")
def web(
    redis_url: str, empty_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebProcess]:
    folder = tmp_path_factory.mktemp("web")
    shutil.copytree(empty_lake, folder / "lake")
    lake = Lake(str(folder / "lake"))
    now = datetime.now(UTC)
    for hours, quantity in HELD.items():
        at = now - timedelta(hours=hours)
        held = position(1, quantity, contract=SPY, account=ACCOUNT, observed_at=at)
        price = quote(1, bid=700 + hours, ask=702 + hours, observed_at=at)
        put(lake, "position_updates", [position_row(held, price, source="batch")], at)
    with web_process(
        folder, redis_url=redis_url, key_prefix="test-past:", lake=lake.address
    ) as running:
        yield running


@pytest.fixture(scope="module")
def cookie(web: WebProcess) -> str:
    return web.log_in()


def past(web: WebProcess, cookie: str, at: str, zone: str = "UTC") -> tuple[int, Any]:
    status, _, text = web.ask(f"/past?{urlencode({'at': at, 'zone': zone})}", cookie=cookie)
    return status, json.loads(text)


@pytest.mark.parametrize(("at", "quantity"), [("10 min ago", "9"), ("2 h ago", "7")])
def test_portfolio_is_as_it_was_then(web: WebProcess, cookie: str, at: str, quantity: str) -> None:
    status, found = past(web, cookie, at)
    assert status == 200
    assert found["kind"] == "whole"
    (facts,) = found["facts"].values()
    named = dict(zip(found["columns"]["facts"], facts, strict=True))
    assert (named["contract"], named["quantity"]) == ("SPY", quantity)
    assert ACCOUNT not in json.dumps(found)


@pytest.mark.parametrize(
    ("at", "zone", "message"),
    [
        ("nonsense", "UTC", "is no time"),
        ("10 min ago", "Mars/Olympus", "unknown time zone"),
        ("2999-01-01", "UTC", "future"),
        ("40 d ago", "UTC", ""),
    ],
)
def test_what_cannot_be_known_is_reported_in_words(
    web: WebProcess, cookie: str, at: str, zone: str, message: str
) -> None:
    status, found = past(web, cookie, at, zone)
    assert status == 422
    assert message in found["error"]
    assert found["error"]


def test_history_has_prices_and_changes(web: WebProcess, cookie: str) -> None:
    status, headers, text = web.ask("/history?id=1", cookie=cookie)
    assert status == 200
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    found = json.loads(text)
    assert [one["quantity"] for one in found["changes"]] == ["9", "7", "5"]
    assert [price for _, price in found["points"]] == [731.0, 704.0, 702.0]
    assert (found["low"], found["high"]) == ("702.00", "731.00")
    assert ACCOUNT not in text


def test_many_who_ask_for_the_day_are_answered_by_one_reading(web: WebProcess, cookie: str) -> None:
    with ThreadPoolExecutor(30) as pool:
        asked = [pool.submit(web.ask, "/day?zone=Asia/Tokyo", cookie=cookie) for _ in range(30)]
        answers = [one.result() for one in asked]
    assert {status for status, _, _ in answers} == {200}
    assert len({text for _, _, text in answers}) == 1
    assert web.ask("/day?zone=Mars/Olympus", cookie=cookie)[0] == 422


def test_history_of_an_unknown_contract_is_empty(web: WebProcess, cookie: str) -> None:
    _, _, text = web.ask("/history?id=999", cookie=cookie)
    assert json.loads(text)["states"] == 0


@pytest.mark.parametrize(
    "path",
    [
        "/history", "/history?id=", "/history?id=1;drop", "/history?id=-1", "/history?id=1&id=2",
        "/day", "/day?zone=", "/day?zone=UTC&zone=UTC",
        "/history?id=" + "9" * 40, "/history?id=%D9%A1", "/past", "/past?at=now",
        "/past?zone=UTC&at=" + "1" * 100,
    ],
)  # fmt: skip
def test_question_that_is_none_is_refused(web: WebProcess, cookie: str, path: str) -> None:
    assert web.ask(path, cookie=cookie)[0] == 400


@pytest.mark.parametrize(
    "path", ["/history?id=1", "/past?at=now&zone=UTC", "/day?zone=UTC", "/workers", "/batches"]
)
def test_nothing_is_answered_without_a_login(web: WebProcess, path: str) -> None:
    assert web.ask(path)[::2] == (401, "401 Unauthorized\n")
