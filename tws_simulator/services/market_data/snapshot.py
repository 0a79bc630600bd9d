"""One snapshot: its ticks, each once, and its end."""

from __future__ import annotations

from collections.abc import Callable

from tws_simulator.services.common.client import Client
from tws_simulator.services.common.scheduler import Entry, Scheduler
from tws_simulator.services.market_data.greek_ticks import all_greeks
from tws_simulator.services.market_data.settle import SnapshotTimes
from tws_simulator.services.market_data.ticks import (
    DELAYED_TYPES,
    LIVE_TYPES,
    TickTypes,
    first_ticks,
)
from tws_simulator.services.market_data.view import Sight, View
from tws_simulator.wire.market_replies import tick_snapshot_end
from tws_simulator.wire.ticks import addressed

#: Prices besides bid and ask that a complete snapshot has.
OTHERS = frozenset(("last", "open", "close"))


def is_complete(sight: Sight, *, index_waits: bool) -> bool:
    """Return whether bid, ask, last, open and close are all there, which ends a snapshot early.

    An index never has a bid or an ask: whether TWS waits for them is not known.
    """
    quote = sight.quote
    others_there = quote.absent.isdisjoint(OTHERS)
    if quote.bid is None and not index_waits:
        return others_there
    return quote.has_bid and quote.has_ask and others_there


class Snapshot:
    """Send what is seen once, then end; computations of an option may come after its prices."""

    def __init__(
        self,
        client: Client,
        req_id: int,
        view: View,
        scheduler: Scheduler,
        *,
        index_waits: bool,
        flows: Callable[[], bool],
        on_end: Callable[[float], None],
    ) -> None:
        self._client = client
        self._req_id = req_id
        self._view = view
        self._scheduler = scheduler
        self._index_waits = index_waits
        self._flows = flows
        self._on_end = on_end
        self._has_replied = False
        self._complete: Entry | None = None
        self._model: Entry | None = None
        self._limit: Entry | None = None

    def start(self, now: float, times: SnapshotTimes) -> None:
        """Begin; what comes when is in `times`."""
        self._limit = self._scheduler.at(now + times.limit_s, self._end)
        ends_at, model_at = now + times.ends_s, now + times.model_s
        self._complete = self._scheduler.at(
            now + times.ticks_s, lambda at: self._send(at, max(at, model_at), max(at, ends_at))
        )

    def resume(self, now: float) -> None:
        """Send now what could not be sent while nothing came from the exchange."""
        if self._has_replied or (self._complete is not None and self._complete.action is not None):
            return
        self._send(now, now, now)

    def call_off(self) -> None:
        """End without a word."""
        for entry in (self._complete, self._model, self._limit):
            if entry is not None:
                entry.call_off()

    def _send(self, now: float, model_at: float, ends_at: float) -> None:
        if not self._flows():
            return
        self._has_replied = True
        sight = self._view.sight(now)
        ticks = first_ticks(self._types, sight)
        if model_at <= now:
            ticks += all_greeks(self._view, self._types, sight, now)
        else:
            self._model = self._scheduler.at(model_at, self._compute)
        self._client.send(addressed(self._req_id, ticks))
        if is_complete(sight, index_waits=self._index_waits):
            self._complete = self._scheduler.at(ends_at, self._end)

    def _compute(self, now: float) -> None:
        """Send an option's computations."""
        if self._flows():
            sight = self._view.sight(now)
            ticks = all_greeks(self._view, self._types, sight, now)
            self._client.send(addressed(self._req_id, ticks))

    @property
    def _types(self) -> TickTypes:
        return DELAYED_TYPES if self._view.delayed else LIVE_TYPES

    def _end(self, now: float) -> None:
        self.call_off()
        self._client.send(tick_snapshot_end(self._req_id))
        self._on_end(now)
