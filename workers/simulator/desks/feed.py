"""The stream of one contract's quotes; every line on the contract shares it."""

from __future__ import annotations

from collections.abc import Callable

from workers.simulator.desks.agenda import Agenda, Entry
from workers.simulator.desks.client import Client
from workers.simulator.desks.greek_ticks import all_greeks, changed_greeks
from workers.simulator.desks.lines import LineKey
from workers.simulator.desks.ticks import changed_ticks, first_ticks
from workers.simulator.instruments.contract import Contract
from workers.simulator.market.grid import slot
from workers.simulator.market.market import INTERVAL_S, Market
from workers.simulator.market.quote import Quote

#: Look this often whether a closed market has opened, seconds.
CLOSED_INTERVAL_S = 5.0
#: Send an option's model values at least this often while its underlying moves, seconds.
MODEL_INTERVAL_S = 1.0


class Stream:
    """Hold what one line was told last."""

    __slots__ = ("client", "first", "model_at", "req_id", "sent")

    def __init__(self, client: Client, req_id: int) -> None:
        self.client = client
        self.req_id = req_id
        #: None until the first ticks are out.
        self.sent: Quote | None = None
        self.model_at = 0.0
        #: The first ticks, while they are on their way.
        self.first: Entry | None = None


class Feed:
    """Quote one contract as often as IB would, while there are lines on it."""

    def __init__(
        self, contract: Contract, market: Market, agenda: Agenda, on_empty: Callable[[], None]
    ) -> None:
        self.contract = contract
        self._market = market
        self._agenda = agenda
        self._on_empty = on_empty
        self._streams: dict[LineKey, Stream] = {}
        self._next: Entry | None = None

    def add(self, key: LineKey, stream: Stream, first_at: float) -> None:
        """Add a line; its first ticks come at `first_at`."""
        self._streams[key] = stream
        stream.first = self._agenda.at(first_at, lambda now: self._start(stream, now))

    def remove(self, key: LineKey) -> None:
        """Remove a line."""
        stream = self._streams.pop(key)
        if stream.first is not None:
            stream.first.call_off()
        if not self._streams:
            if self._next is not None:
                self._next.call_off()
                self._next = None
            self._on_empty()

    def _start(self, stream: Stream, now: float) -> None:
        market, contract, req_id = self._market, self.contract, stream.req_id
        quote = market.quote(contract, now)
        is_open = market.calendar.is_open(now)
        stream.sent = quote
        stream.client.send(
            *first_ticks(req_id, quote, contract.sec_type, is_open=is_open),
            *all_greeks(market, contract, req_id, quote, now, is_open=is_open),
        )
        stream.model_at = now
        if self._next is None:
            self._plan(now)

    def _plan(self, now: float) -> None:
        interval = INTERVAL_S[self.contract.sec_type]
        if not self._market.calendar.is_open(now):
            interval = CLOSED_INTERVAL_S
        # On a common grid all contracts on an underlying ask for its price at the same instant.
        self._next = self._agenda.at((slot(now, interval) + 1) * interval, self._step)

    def _step(self, now: float) -> None:
        quote = self._market.quote(self.contract, now)
        for stream in self._streams.values():
            sent = stream.sent
            if sent is None or sent == quote:
                continue
            model_due = now - stream.model_at >= MODEL_INTERVAL_S
            greeks = changed_greeks(
                self._market, self.contract, stream.req_id, (sent, quote), now, model_due=model_due
            )
            if greeks:
                stream.model_at = now
            stream.client.send(
                *changed_ticks(stream.req_id, sent, quote, self.contract.sec_type), *greeks
            )
            stream.sent = quote
        self._plan(now)
