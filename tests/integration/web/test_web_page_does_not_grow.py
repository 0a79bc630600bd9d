"""A page left open does not grow, however much comes and goes: holdings, groups, legs, breaks.

An hour of news is as many frames as seconds; here they come as fast as the page takes them.
`SLOTWISE_TEST_EFFORT=1` runs the whole hour, and prints what it measured.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from selenium.webdriver import Chrome

from slotwise.bus.status import LegStatus
from tests.support.browser import browser
from tests.support.effort import with_effort
from tests.support.values import at
from tests.support.web_frames import ServedFrames, served_frames
from tests.support.web_page import go, log_in, text, until
from tests.unit.web.rows import holdings, row
from tests.unit.web.test_system import found, gateway, lake, mask, queue
from workers.stack.child import wait_until
from workers.web.frame import Frame, FrameBuilder, Headline
from workers.web.system import system_of

#: Holdings at a time, and how many of them are replaced in each frame.
HELD, COME = 60, 2
VIEWS = ("portfolio", "lines", "queue", "book", "portfolio")
#: Frames between two looks at whether the page keeps up.
STRIDE = 20


class Churn:
    """Frames of which each has other holdings, groups, quotes, legs and breaks."""

    def __init__(self) -> None:
        self._builder = FrameBuilder()
        self.number = 0

    def next(self) -> Frame:
        self.number += 1
        first, moment = self.number * COME, at(self.number)
        rows = [
            row(
                con_id,
                f"{(con_id * 7 + self.number) % 90 + 10}",
                age_s=-self.number,
                contract=f"S{con_id} {'x' * 20}",
                strategy=f"strategy {con_id // 10}",
                quantity=Decimal(con_id % 7 + 1),
            )
            for con_id in range(first, first + HELD)
        ]
        legs = tuple(
            LegStatus(con_id=one.con_id, label=one.contract, strategies=(f"s{self.number}",))
            for one in rows[:20]
        )
        breaks = [found(one.con_id, symbol=one.contract) for one in rows[:10]]
        system = system_of(gateway(at=moment, legs=legs), queue(at=moment), lake(*breaks), mask)
        headline = Headline(standing="well", sentence=f"frame {self.number}")
        return self._builder.build(self.number, holdings(*rows, when=moment), headline, system)


class Size(msgspec.Struct, frozen=True):
    """What a page takes, after a collection of garbage."""

    heap_kb: float
    nodes: int
    listeners: int


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedFrames]:
    with served_frames(tmp_path_factory.mktemp("served")) as serving:
        yield serving


@pytest.fixture(scope="module")
def churn() -> Churn:
    """Frames whose numbers grow over both tests."""
    return Churn()


@pytest.fixture
def page(served: ServedFrames, tmp_path: Path) -> Iterator[Chrome]:
    with browser(tmp_path) as chromium:
        log_in(chromium, served)
        yield chromium


def left_open(page: Chrome, served: ServedFrames, churn: Churn, frames: int) -> None:
    """Leave the page open while frames come, and look at one view after another."""
    until_number = churn.number + frames
    while churn.number < until_number:
        go(page, VIEWS[churn.number // STRIDE % len(VIEWS)])
        for _ in range(STRIDE):
            served.publish(churn.next())
        until(page, lambda: text(page, "#headline") == f"frame {churn.number}")
    go(page, "portfolio")
    until(page, lambda: text(page, "#grid"))


def size(page: Chrome) -> Size:
    for _ in range(3):
        page.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    heap = page.execute_cdp_cmd("Runtime.getHeapUsage", {})["usedSize"]
    counted = page.execute_cdp_cmd("Memory.getDOMCounters", {})
    return Size(heap / 1000, counted["nodes"], counted["jsEventListeners"])


def check(before: Size, after: Size) -> None:
    """Check that a page is no larger; a frame that is kept has 10 kB.

    Each command of the driver leaves 72 bytes in the browser, and what is compiled some more.
    """
    assert after.nodes <= before.nodes * 1.1, (before, after)
    assert after.listeners <= before.listeners, (before, after)
    assert after.heap_kb <= before.heap_kb * 1.15 + 300, (before, after)


def test_page_and_server_are_no_larger_after_much_has_come_and_gone(
    page: Chrome, served: ServedFrames, churn: Churn
) -> None:
    idle = served.work()
    left_open(page, served, churn, STRIDE * len(VIEWS))
    before, work = size(page), served.work()
    assert served.feed.pages == 1
    left_open(page, served, churn, 250)
    check(before, size(page))
    assert served.feed.pages == 1
    assert wait_until(lambda: served.work() <= work, 20), "it keeps nothing of a frame that is sent"
    page.get("about:blank")
    assert wait_until(lambda: served.feed.pages == 0, 20), "the server forgets a page that is gone"
    assert wait_until(lambda: served.work() <= idle, 20), (served.work(), idle)


@with_effort
def test_page_left_open_for_an_hour_of_news_is_no_larger(
    page: Chrome, served: ServedFrames, churn: Churn
) -> None:
    left_open(page, served, churn, STRIDE * len(VIEWS))
    before = size(page)
    for quarter in range(4):
        left_open(page, served, churn, 900)
        sys.stdout.write(f"after {(quarter + 1) * 900:,} frames: {size(page)}, at first {before}\n")
    check(before, size(page))
