"""The watchlist is quoted on idle lines only, and never stands in an active contract's way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from slotwise.landing import Head, Rows
from slotwise.quote import Quote
from tests.support.values import contract, quote
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import Remembering, until
from workers.gateway.contracts import ContractBook
from workers.gateway.line_table import LineTable
from workers.gateway.watch import BAR_INTERVAL_S, Watch

VIX = 9001


@dataclass
class Post:
    """A watch of one symbol over a fake broker."""

    lines: int = 1
    server: int = 100
    now: float = 0.0
    quotes: list[Quote] = field(default_factory=list)
    entries: list[tuple[Head, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.broker = FakeBroker(self.server)
        self.broker.up = True
        self.broker.listen(Remembering())
        self.table = LineTable(self.lines)
        self.watch = Watch(
            ("VIX",),
            15.0,
            self.broker,
            ContractBook(self.broker),
            self.table,
            self.quotes.append,
            lambda head, rows: self.entries.append((head, rows)),
            lambda: self.now,
        )

    async def snapshot_begun(self) -> asyncio.Task[None]:
        """Begin a round and wait until its snapshot is under way."""
        task = asyncio.create_task(self.watch.round())
        await until(lambda: VIX in self.broker.snapshots)
        return task


def claim(test: Callable[[Post], Awaitable[None]]) -> Callable[[], None]:
    """Run a test on a post with one line."""

    def run() -> None:
        asyncio.run(test(Post()))

    run.__doc__ = test.__doc__
    return run


@claim
async def test_an_idle_line_takes_a_snapshot(post: Post) -> None:
    """The quote reaches board and table, and the line is idle again."""
    task = await post.snapshot_begun()
    assert post.table.free() == 0
    post.broker.end_snapshot(VIX, bid=15, ask=16)
    await task
    assert (post.table.free(), post.table.quoting) == (1, {})
    assert [q.con_id for q in post.quotes] == [VIX]
    [(head, rows)] = post.entries
    assert head == Rows("quotes")
    assert rows.to_pylist()[0]["source"] == "snapshot"


@claim
async def test_without_an_idle_line_a_bar_will_do(post: Post) -> None:
    """No line is taken from an active contract; bars are asked for rarely."""
    post.table.opened(contract(1), 0.0)
    for seconds in (0, 30, BAR_INTERVAL_S):
        post.now = seconds
        await post.watch.round()
    assert [w for w in post.broker.wire if not w.startswith("details")] == [f"bar {VIX}"] * 2
    assert [q.source for q in post.quotes] == ["bar", "bar"]


@claim
async def test_a_held_line_is_quote_enough(post: Post) -> None:
    """A watched contract that is active needs no second line."""
    post.table.opened(contract(VIX), 0.0)
    post.table.held[VIX].quote = quote(VIX, last=15, source="stream")
    await post.watch.round()
    assert [q.source for q in post.quotes] == ["stream"]
    assert post.broker.wire == [f"details {VIX}"]


@claim
async def test_a_line_taken_back_leaves_a_bar(post: Post) -> None:
    """What had not arrived by then comes as a bar."""
    task = await post.snapshot_begun()
    post.table.quoting.pop(VIX)
    post.table.opened(contract(1), 0.0)
    post.broker.cancel_snapshot(VIX)
    await task
    assert [q.source for q in post.quotes] == ["bar"]


def test_error_101_on_a_quote_lowers_the_limit() -> None:
    """The quote that was refused is not counted as held."""

    async def run() -> None:
        post = Post(lines=3, server=0)
        await post.watch.round()
        assert (post.table.limit, post.table.quoting) == (0, {})
        assert [q.source for q in post.quotes] == ["bar"]

    asyncio.run(run())


@claim
async def test_a_stale_quote_is_visible(post: Post) -> None:
    """Without line and bar the symbol is named with its reason, and others still come."""
    post.broker.bars = False
    post.table.opened(contract(1), 0.0)
    await post.watch.round()
    assert post.watch.stale() == "stale quotes: VIX (no bars)"
    assert post.entries == []


@pytest.mark.parametrize("up", [True, False])
def test_a_lost_connection_ends_no_watch(up: bool) -> None:
    """A round without a connection is a trouble, and the next one works."""

    async def run() -> None:
        post = Post()
        post.broker.up = False
        await post.watch.round()
        assert "VIX" in post.watch.troubles
        post.broker.up = True
        task = await post.snapshot_begun()
        if up:
            post.broker.end_snapshot(VIX, last=15)
        else:
            post.broker.forget()
        await task
        assert ("VIX" not in post.watch.troubles) is up
        assert post.table.quoting == {}

    asyncio.run(run())
