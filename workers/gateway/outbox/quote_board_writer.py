"""QuoteOutbox: the newest quotes on their way to the quote board.

Also those that were known when positions were observed, which polled positions are valued with.

Board and memory are bounded: the board has quotes of contracts that are held or wanted here. A
holding that answers lack for now is held: its price is known, whatever its quantity is.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

from slotwise.bus.board import QuoteBoard
from slotwise.bus.polled_quotes import PolledQuotes
from slotwise.errors import BusError
from slotwise.position import Position
from slotwise.quote import Quote
from workers.gateway.outbox.publisher import Publisher


class QuoteOutbox:
    """Keep one quote per contract until it is sent; a newer one takes its place."""

    def __init__(
        self, publisher: Publisher, board: QuoteBoard, polled: PolledQuotes | None = None
    ) -> None:
        self._publisher = publisher
        self._board = board
        self._polled = polled
        self._waiting: dict[int, Quote] = {}
        self._newest: dict[int, Quote] = {}
        #: The quote before the newest: a position may have been observed between the two.
        self._before: dict[int, Quote] = {}
        #: Contracts whose quotes belong on the board; None while that is not known.
        self._shown: frozenset[int] | None = None
        #: Contracts that have a quote on the board; None until it was read.
        self._on_board: set[int] | None = None
        self._lock = threading.Lock()

    def put(self, quote: Quote) -> None:
        """Take a quote; it leaves with the next flush."""
        self.put_all((quote,))

    def put_all(self, quotes: Sequence[Quote]) -> None:
        """Take quotes that came together."""
        with self._lock:
            for quote in quotes:
                known = self._newest_of(quote.con_id)
                if known is not None:
                    self._before[quote.con_id] = known
                self._waiting[quote.con_id] = quote

    def as_of(self, positions: Iterable[Position]) -> list[Quote]:
        """Return the quotes that were known when positions were observed."""
        with self._lock:
            return [quote for one in positions if (quote := self._as_of(one)) is not None]

    def send_polled(self, quotes: Sequence[Quote], positions: Iterable[Position]) -> None:
        """Send the quotes that the positions of a snapshot are valued with."""
        if self._polled is not None:
            held = frozenset(position.contract.con_id for position in positions)
            self._publisher.send(partial(self._polled.put, quotes, held), slot="polled quotes")

    def send_pushed(self, position: Position) -> None:
        """Send the quote that a pushed position is valued with."""
        if self._polled is not None:
            for quote in self.as_of((position,)):
                self._publisher.send(partial(self._polled.add, quote))

    def keep(self, shown: Collection[int], known: Collection[int]) -> None:
        """Take from the board what is not shown, and from memory what is not known either."""
        with self._lock:
            before, self._shown = self._shown, frozenset(shown)
            kept = self._shown.union(known)
            for quotes in (self._newest, self._waiting, self._before):
                for con_id in quotes.keys() - kept:
                    del quotes[con_id]
            for con_id in self._shown - (self._shown if before is None else before):
                if con_id in self._newest:
                    self._waiting.setdefault(con_id, self._newest[con_id])
        if before != self._shown:
            self._publisher.send(self._forget, slot="quotes forgotten")

    def flush(self) -> None:
        """Send what waits in one step; called a few times a second."""
        if self._waiting:
            self._publisher.send(self._send, slot="quotes")

    def repeat(self) -> None:
        """Send everything again: the board was emptied."""
        with self._lock:
            self._waiting = {**self._newest, **self._waiting}
            self._on_board = None

    def _send(self) -> None:
        with self._lock:
            quotes, self._waiting = self._waiting, {}
            self._newest.update(quotes)
            shown = self._shown
        belong = [q for q in quotes.values() if shown is None or q.con_id in shown]
        try:
            self._board.put(belong)
        except BusError:
            self._take_back(quotes)
            raise
        if self._on_board is not None:
            self._on_board.update(quote.con_id for quote in belong)

    def _forget(self) -> None:
        if self._on_board is None:
            self._on_board = self._board.con_ids()
        gone = self._on_board - (self._on_board if self._shown is None else self._shown)
        self._board.forget(gone)
        self._on_board -= gone

    def _take_back(self, quotes: Mapping[int, Quote]) -> None:
        with self._lock:
            self._waiting = {**quotes, **self._waiting}

    def newest(self, con_id: int) -> Quote | None:
        """Return the newest quote of a contract."""
        with self._lock:
            return self._newest_of(con_id)

    def known(self) -> Iterable[int]:
        """Return the contracts quoted so far."""
        return self._newest.keys() | self._waiting.keys()

    def _newest_of(self, con_id: int) -> Quote | None:
        return self._waiting.get(con_id) or self._newest.get(con_id)

    def _as_of(self, position: Position) -> Quote | None:
        con_id, at = position.contract.con_id, position.observed_at
        quote = self._newest_of(con_id)
        if quote is None or quote.observed_at <= at:
            return quote
        quote = self._before.get(con_id)
        return quote if quote is not None and quote.observed_at <= at else None
