"""Redis goes away and comes back: the page says so, keeps its numbers, and goes on by itself."""

from __future__ import annotations

from pathlib import Path

from redis.exceptions import RedisError

from slotwise.bus.client import Bus
from tests.integration.web.published import publish, tick
from tests.support.browser import browser
from tests.support.web_page import cell, log_in, text, until
from tests.support.web_process import web_process
from workers.stack.child import Child, stop_all, wait_until
from workers.stack.ports import free_port
from workers.stack.processes import redis_spec

STANDING = "return document.getElementById('headline').dataset.standing"


def test_page_says_that_redis_is_away_and_goes_on_when_it_is_back(
    tmp_path: Path, empty_lake: Path
) -> None:
    port = free_port()
    spec = redis_spec(port, tmp_path)
    redis = Child(spec)
    redis.start()
    url = f"redis://127.0.0.1:{port}/0"
    bus = Bus(url)
    try:
        assert wait_until(lambda: answers(bus), 20)
        publish(bus)
        with (
            web_process(tmp_path, redis_url=url, lake=str(empty_lake)) as web,
            browser(tmp_path) as page,
        ):
            log_in(page, web)
            until(page, lambda: cell(page, "SPY", "price") == "701.00")
            stop_all([redis])
            until(page, lambda: "Redis" in text(page, "#trouble"))
            assert cell(page, "SPY", "price") == "701.00", "the last that was read"
            assert page.execute_script(STANDING) != "well"
            redis = Child(spec)
            redis.start()
            assert wait_until(lambda: answers(bus), 20)
            publish(bus)
            tick(bus, 1, 800)
            until(page, lambda: cell(page, "SPY", "price") == "801.00")
            until(page, lambda: text(page, "#headline") == "all well: 3 positions")
            assert text(page, "#trouble") == ""
    finally:
        bus.close()
        stop_all([redis])


def answers(bus: Bus) -> bool:
    try:
        return bool(bus.redis.ping())
    except RedisError:
        return False
