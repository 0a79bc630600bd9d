"""The stream of one contract's quotes; every line that sees it alike shares it."""

from __future__ import annotations

from collections.abc import Callable

from tws_simulator.market.grid import slot
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.scheduler import Entry, Scheduler
from tws_simulator.services.market_data.extra_ticks import ExtraTicks, TickRate
from tws_simulator.services.market_data.generic_ticks import GenericTicks
from tws_simulator.services.market_data.greek_ticks import all_greeks, changed_greeks
from tws_simulator.services.market_data.lines import LineKey
from tws_simulator.services.market_data.ticks import (
    DELAYED_TYPES,
    LIVE_TYPES,
    changed_ticks,
    first_ticks,
)
from tws_simulator.services.market_data.view import Sight, View
from tws_simulator.wire.market_replies import market_data_type
from tws_simulator.wire.ticks import Tick, addressed

#: Look this often whether a closed market has opened, seconds.
CLOSED_INTERVAL_S = 5.0
#: Send an option's model values at least this often while its underlying moves, seconds.
MODEL_INTERVAL_S = 1.0


class Stream:
    """What was sent last on one line."""

    __slots__ = (
        "client", "dead", "first", "generic", "kind", "model_at", "model_s", "req_id", "sent",
        "waits",
    )  # fmt: skip

    def __init__(
        self, client: Client, req_id: int, kind: int, generic: GenericTicks | None = None
    ) -> None:
        self.client = client
        self.req_id = req_id
        #: Type of data that was announced last.
        self.kind = kind
        #: What was asked for besides the quotes.
        self.generic = generic
        #: None until the first ticks are out.
        self.sent: Sight | None = None
        self.model_at = 0.0
        #: How long after the first ticks the first computations come, seconds.
        self.model_s = 0.0
        #: The first ticks, while they are on their way.
        self.first: Entry | None = None
        #: They were due while nothing came from the exchange.
        self.waits = False
        #: The line is held, and never ticks.
        self.dead = False


class Feed:
    """Quote one contract as often as IB would, while there are lines on it."""

    def __init__(
        self, view: View, scheduler: Scheduler, rate: TickRate, on_empty: Callable[[], None]
    ) -> None:
        self.view = view
        self.types = DELAYED_TYPES if view.delayed else LIVE_TYPES
        self._scheduler = scheduler
        self._rate = rate
        # An index has no size that could flicker, and takes no share of the rate.
        self._flickers = view.contract.sec_type != "IND"
        self._flicker = ExtraTicks(view.contract, self.types, rate) if rate.per_s else None
        self._on_empty = on_empty
        self._streams: dict[LineKey, Stream] = {}
        self._next: Entry | None = None
        #: Whether anything comes from the exchange.
        self._flows = True

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Return the lines on it."""
        return tuple(self._streams.values())

    def add(self, key: LineKey, stream: Stream, first_at: float) -> None:
        """Add a line; its first ticks come at `first_at`."""
        self._streams[key] = stream
        self._rate.lines += self._flickers
        stream.first = self._scheduler.at(first_at, lambda now: self._first(stream, now))

    def remove(self, key: LineKey) -> None:
        """Remove a line."""
        stream = self._streams.pop(key)
        self._rate.lines -= self._flickers
        if stream.first is not None:
            stream.first.call_off()
        if not self._streams:
            self._rest()
            self._on_empty()

    def let_flow(self, flows: bool, now: float) -> None:
        """Stop all lines, or let them go on with what has changed since."""
        if flows == self._flows:
            return
        self._flows = flows
        if not flows:
            self._rest()
            return
        waiting = [stream for stream in self.streams if stream.waits]
        self._step(now)
        for stream in waiting:
            self._first(stream, now)

    def _first(self, stream: Stream, now: float) -> None:
        stream.waits = not self._flows
        if stream.waits or stream.dead:
            return
        sight = self.view.sight(now)
        stream.sent = sight
        stream.model_at = now
        ticks = first_ticks(self.types, sight)
        if stream.model_s:
            # Until then none is sent: `_more` waits for the time of the model.
            stream.model_at = now + stream.model_s
            stream.first = self._scheduler.at(stream.model_at, lambda at: self._model(stream, at))
        else:
            ticks += all_greeks(self.view, self.types, sight, now)
        if stream.generic is not None:
            ticks += stream.generic.ticks(sight, now)
        self._send(stream, sight.kind, ticks)
        if self._next is None:
            self._plan(now)

    def _model(self, stream: Stream, now: float) -> None:
        """Send the first computations of an option."""
        if self._flows and not stream.dead and stream.sent is not None:
            stream.model_at = now
            ticks = all_greeks(self.view, self.types, stream.sent, now)
            self._send(stream, stream.sent.kind, ticks)

    @staticmethod
    def _send(stream: Stream, kind: int, ticks: list[Tick]) -> None:
        if kind != stream.kind:
            stream.kind = kind
            stream.client.send(market_data_type(stream.req_id, kind))
        if ticks:
            stream.client.send(addressed(stream.req_id, ticks))

    def _rest(self) -> None:
        if self._next is not None:
            self._next.call_off()
            self._next = None

    def _plan(self, now: float) -> None:
        interval = self.view.interval_s if self.view.is_open(now) else CLOSED_INTERVAL_S
        # On a common grid all contracts on an underlying ask for its price at the same instant.
        self._next = self._scheduler.at((slot(now, interval) + 1) * interval, self._step)

    def _step(self, now: float) -> None:
        sight = self.view.sight(now)
        # Lines with the same last message get the same now, encoded once.
        same: tuple[Sight, list[Tick]] | None = None
        for stream in self._streams.values():
            sent = stream.sent
            if sent is None or stream.dead:
                continue
            if same is None or same[0] is not sent:
                same = (sent, self._changes(sent, sight, now))
            ticks = same[1] + self._more(stream, sent, sight, now)
            stream.sent = sight
            self._send(stream, sight.kind, ticks)
        self._plan(now)

    def _changes(self, sent: Sight, sight: Sight, now: float) -> list[Tick]:
        ticks = [] if sent == sight else changed_ticks(self.types, sent, sight)
        if self._flicker is not None:
            return self._flicker.ticks(sent.quote, len(ticks), now) + ticks
        return ticks

    def _more(self, stream: Stream, sent: Sight, sight: Sight, now: float) -> list[Tick]:
        """Return what is the line's alone: computations at its pace, and ticks it requested."""
        ticks: list[Tick] = []
        if self.view.contract.right and sent != sight and now >= stream.model_at:
            model_due = now - stream.model_at >= MODEL_INTERVAL_S
            ticks = changed_greeks(self.view, self.types, (sent, sight), now, model_due=model_due)
            if ticks:
                stream.model_at = now
        if stream.generic is not None:
            ticks = ticks + stream.generic.ticks(sight, now)
        return ticks
