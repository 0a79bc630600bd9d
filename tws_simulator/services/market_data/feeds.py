"""The feeds that are on: one for all lines that see a contract alike."""

from __future__ import annotations

from collections.abc import Callable

from tws_simulator.instruments.contract import Contract
from tws_simulator.services.common.farms import farm_of
from tws_simulator.services.common.scheduler import Scheduler
from tws_simulator.services.market_data.extra_ticks import TickRate
from tws_simulator.services.market_data.feed import Feed
from tws_simulator.services.market_data.view import View


class Feeds:
    """Start feeds when a line needs one, and end them with their last line."""

    def __init__(
        self, scheduler: Scheduler, rate: TickRate, flows: Callable[[Contract], bool]
    ) -> None:
        self._scheduler = scheduler
        self._rate = rate
        #: Tells whether anything of a contract comes from the exchange.
        self._flows = flows
        self._on: dict[tuple[int, bool, bool], Feed] = {}

    def of(self, view: View, now: float) -> Feed:
        """Return the feed of a view."""
        seen_as = (view.contract.con_id, view.delayed, view.frozen)
        if seen_as not in self._on:

            def drop() -> None:
                del self._on[seen_as]

            feed = self._on[seen_as] = Feed(view, self._scheduler, self._rate, on_empty=drop)
            feed.let_flow(self._flows(view.contract), now)
        return self._on[seen_as]

    def review(self, now: float) -> None:
        """Stop feeds of which nothing comes any more, and let the others go on."""
        for feed in list(self._on.values()):
            feed.let_flow(self._flows(feed.view.contract), now)

    def strand(self, farm: str, count: int) -> None:
        """Silence the oldest lines on a farm's contracts without end."""
        feeds = [feed for feed in self._on.values() if farm_of(feed.view.contract) == farm]
        streams = [stream for feed in feeds for stream in feed.streams if not stream.dead]
        for stream in streams[:count]:
            stream.dead = True

    def strand_all(self) -> None:
        """Silence every line that is open now without end."""
        for feed in self._on.values():
            for stream in feed.streams:
                stream.dead = True
