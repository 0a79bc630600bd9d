"""Ticks that TWS wrote before it read the cancel of their line."""

from __future__ import annotations

from random import Random

from tws_simulator.services.common.scheduler import Entry, Scheduler
from tws_simulator.services.market_data.feed import Feed
from tws_simulator.services.market_data.lines import LineKey

#: Ticks that were on their way still come for between this and this after a cancel, seconds.
IN_FLIGHT_S = (0.01, 0.06)


class InFlight:
    """Keep cancelled lines on their feeds for a moment."""

    def __init__(self, scheduler: Scheduler, random: Random) -> None:
        self._scheduler = scheduler
        self._random = random
        self._lines: dict[LineKey, tuple[Feed, Entry]] = {}

    def keep(self, key: LineKey, feed: Feed, now: float) -> None:
        """Take a line that was cancelled."""
        landed_at = now + self._random.uniform(*IN_FLIGHT_S)
        self._lines[key] = (feed, self._scheduler.at(landed_at, lambda at: self.land(key)))

    def land(self, key: LineKey) -> None:
        """End a line's last ticks; a request that has its id again gets none of them."""
        if key in self._lines:
            feed, entry = self._lines.pop(key)
            entry.call_off()
            feed.remove(key)

    def land_all(self, client_id: int) -> None:
        """End the last ticks of all lines of a client."""
        for key in [key for key in self._lines if key[0] == client_id]:
            self.land(key)
