"""The feed: each page gets the next change, or the whole where it has missed one."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from tests.unit.web.rows import holdings, row
from workers.web.feed import MOST_PAGES, Changes, Feed, TooManyPagesError
from workers.web.frame import Frame, FrameBuilder, Headline

WELL = Headline(standing="well", sentence="all well")


def frames(count: int) -> list[Frame]:
    builder = FrameBuilder()
    return [builder.build(n, holdings(row(1, str(n))), WELL) for n in range(1, count + 1)]


def kind(answer: tuple[int, bytes]) -> tuple[int, str]:
    message: Any = msgspec.json.decode(answer[1])
    return answer[0], message["kind"]


def test_first_page_gets_the_whole_then_changes_and_the_whole_after_a_gap() -> None:
    async def page() -> list[tuple[int, str]]:
        feed, changes = Feed(lambda wanted: None), Changes()
        one, two, three, four = frames(4)
        feed.publish(one, changes.to(one))
        found = [kind(await feed.after(0))]
        feed.publish(two, changes.to(two))
        found.append(kind(await feed.after(1)))
        for frame in (three, four):
            feed.publish(frame, changes.to(frame))
        return [*found, kind(await feed.after(2))]

    assert asyncio.run(page()) == [(1, "whole"), (2, "change"), (4, "whole")]


def test_page_waits_for_news_and_all_pages_get_the_same_bytes() -> None:
    async def pages() -> list[tuple[int, bytes]]:
        feed, changes = Feed(lambda wanted: None), Changes()
        one, two = frames(2)
        feed.publish(one, changes.to(one))
        waiting = [asyncio.create_task(feed.after(1)) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        feed.publish(two, changes.to(two))
        return await asyncio.gather(*waiting)

    answers = asyncio.run(pages())
    assert kind(answers[0]) == (2, "change")
    assert all(answer[1] is answers[0][1] for answer in answers), "encoded once"


def test_frames_are_wanted_while_a_page_is_open() -> None:
    async def pages() -> list[bool]:
        wanted: list[bool] = []
        feed = Feed(wanted.append)
        with feed.opened():
            with feed.opened():
                assert feed.pages == 2
            assert wanted == [True]
        return wanted

    assert asyncio.run(pages()) == [True, False]


def test_page_that_is_one_too_many_is_refused_and_counts_for_none() -> None:
    async def pages() -> int:
        feed = Feed(lambda wanted: None)
        opened = [feed.opened() for _ in range(MOST_PAGES)]
        for one in opened:
            one.__enter__()
        with pytest.raises(TooManyPagesError), feed.opened():
            pass
        for one in opened:
            one.__exit__(None, None, None)
        return feed.pages

    assert asyncio.run(pages()) == 0
