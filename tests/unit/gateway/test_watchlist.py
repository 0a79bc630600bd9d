"""The watchlist always has a quote, and never takes a line from a strategy's contract."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from slotwise.quote import Quote
from slotwise.rules.landing import Head, Rows
from tests.support.values import contract, quote
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import Remembering
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.lines.table import LineTable
from workers.gateway.lines.watchlist import BAR_INTERVAL_S, Watch
from workers.gateway.outbox.quote_rows import QuoteRows

VIX = 9001


@dataclass
class Post:
    """A watch of one symbol over a fake broker."""

    lines: int = 1
    server: int = 100
    now: float = 0.0
    age_s: float | None = None
    quotes: list[Quote] = field(default_factory=list)
    entries: list[tuple[Head, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.broker = FakeBroker(self.server)
        self.broker.up = True
        self.broker.listen(Remembering())
        self.table = LineTable(self.lines)
        self.rows = QuoteRows(
            lambda head, rows: self.entries.append((head, rows)), 60.0, lambda: self.now
        )
        self.watch = Watch(
            ("VIX",),
            15.0,
            self.broker,
            ContractCache(self.broker),
            self.table,
            lambda con_id: self.age_s,
            self.quotes.append,
            self.rows,
            lambda: self.now,
        )


def claim(test: Callable[[Post], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test on a post with one line."""

    def run() -> None:
        asyncio.run(test(Post()))

    run.__doc__ = test.__doc__
    return run


@claim
async def test_the_rotations_quote_is_enough(post: Post) -> None:
    """While it is fresh no bar is asked for; when it grows old one is."""
    post.age_s = 2.0
    await post.watch.round()
    assert post.broker.wire == [f"details {VIX}"]
    assert post.watch.con_ids == {VIX}
    post.age_s = 31.0
    await post.watch.round()
    assert post.broker.wire[1:] == [f"bar {VIX}"]


@claim
async def test_without_a_rotation_a_bar_will_do(post: Post) -> None:
    """No line is taken from an active contract; bars are asked for rarely."""
    post.table.opened(contract(1), 0.0)
    for seconds in (0, 30, BAR_INTERVAL_S):
        post.now = seconds
        await post.watch.round()
    assert [w for w in post.broker.wire if not w.startswith("details")] == [f"bar {VIX}"] * 2
    assert [q.source for q in post.quotes] == ["bar", "bar"]
    post.rows.flush()
    [(head, rows)] = post.entries
    assert head == Rows("quotes")
    assert [row["source"] for row in rows.to_pylist()] == ["bar", "bar"]


@claim
async def test_a_held_line_is_quote_enough(post: Post) -> None:
    """A watched contract that is active needs no second line."""
    post.table.opened(contract(VIX), 0.0)
    post.table.held[VIX].quote = quote(VIX, last=15, source="stream")
    await post.watch.round()
    assert [q.source for q in post.quotes] == ["stream"]
    assert post.broker.wire == [f"details {VIX}"]


@claim
async def test_a_stale_quote_is_visible(post: Post) -> None:
    """Without line and bar the symbol is named with its reason, and others still come."""
    post.broker.bars = False
    post.table.opened(contract(1), 0.0)
    await post.watch.round()
    assert post.watch.stale() == "stale quotes: VIX (no bars)"
    post.rows.flush()
    assert post.entries == []


@claim
async def test_a_lost_connection_ends_no_watch(post: Post) -> None:
    """A round without a connection is a trouble, and the next one works."""
    post.broker.up = False
    await post.watch.round()
    assert "VIX" in post.watch.troubles
    post.broker.up = True
    await post.watch.round()
    assert post.watch.troubles == {}
