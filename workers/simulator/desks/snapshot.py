"""One snapshot: its ticks, each once, and its end."""

from __future__ import annotations

from collections.abc import Callable

from workers.simulator.desks.agenda import Agenda, Entry
from workers.simulator.desks.client import Client
from workers.simulator.desks.greek_ticks import all_greeks
from workers.simulator.desks.ticks import DELAYED_TYPES, LIVE_TYPES, first_ticks
from workers.simulator.desks.view import Sight, View
from workers.simulator.market.quote import NO_PRICE
from workers.simulator.wire.market_replies import tick_snapshot_end
from workers.simulator.wire.ticks import addressed

#: Share of a snapshot's time after which its ticks are there.
TICKS_SHARE = 0.5
#: A snapshot that is not complete ends after this, seconds (IB documentation).
SNAPSHOT_LIMIT_S = 11.0


def is_complete(sight: Sight, *, index_waits: bool) -> bool:
    """Tell whether bid, ask, last, open and close are all there, which ends a snapshot early.

    An index never has a bid or an ask: whether TWS waits for them is not known.
    """
    quote = sight.quote
    if quote.bid is None and not index_waits:
        return True
    five = (quote.bid, quote.ask, quote.last, quote.open, quote.close)
    return all(price not in (None, NO_PRICE) for price in five)


class Snapshot:
    """Tell what is seen once, then end; at the latest after eleven seconds."""

    def __init__(
        self,
        client: Client,
        req_id: int,
        view: View,
        agenda: Agenda,
        *,
        index_waits: bool,
        flows: Callable[[], bool],
        on_end: Callable[[float], None],
    ) -> None:
        self._client = client
        self._req_id = req_id
        self._view = view
        self._agenda = agenda
        self._index_waits = index_waits
        self._flows = flows
        self._on_end = on_end
        self._told = False
        self._complete: Entry | None = None
        self._limit: Entry | None = None

    def start(self, now: float, takes_s: float) -> None:
        """Begin; with all prices there it takes `takes_s`."""
        self._limit = self._agenda.at(now + SNAPSHOT_LIMIT_S, self._end)
        told_at, ends_at = now + takes_s * TICKS_SHARE, now + takes_s
        self._complete = self._agenda.at(told_at, lambda at: self._tell(at, max(at, ends_at)))

    def resume(self, now: float) -> None:
        """Tell now what could not be told while nothing came from the exchange."""
        if self._told or (self._complete is not None and self._complete.action is not None):
            return
        self._tell(now, now)

    def call_off(self) -> None:
        """End without a word."""
        for entry in (self._complete, self._limit):
            if entry is not None:
                entry.call_off()

    def _tell(self, now: float, ends_at: float) -> None:
        if not self._flows():
            return
        self._told = True
        view = self._view
        types = DELAYED_TYPES if view.delayed else LIVE_TYPES
        sight = view.sight(now)
        ticks = first_ticks(types, sight) + all_greeks(view, types, sight, now)
        self._client.send(addressed(self._req_id, ticks))
        if is_complete(sight, index_waits=self._index_waits):
            self._complete = self._agenda.at(ends_at, self._end)

    def _end(self, now: float) -> None:
        self.call_off()
        self._client.send(tick_snapshot_end(self._req_id))
        self._on_end(now)
