"""QuoteOutbox: the newest quotes on their way to the quote board."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence

from slotwise.bus.board import QuoteBoard
from slotwise.errors import BusError
from slotwise.quote import Quote
from workers.gateway.publisher import Publisher


class QuoteOutbox:
    """Keep one quote per contract until it is sent; a newer one takes its place."""

    def __init__(self, publisher: Publisher, board: QuoteBoard) -> None:
        self._publisher = publisher
        self._board = board
        self._waiting: dict[int, Quote] = {}
        self._newest: dict[int, Quote] = {}
        self._lock = threading.Lock()

    def put(self, quote: Quote) -> None:
        """Take a quote; it leaves with the next flush."""
        with self._lock:
            self._waiting[quote.con_id] = quote

    def put_all(self, quotes: Sequence[Quote]) -> None:
        """Take quotes that came together."""
        with self._lock:
            for quote in quotes:
                self._waiting[quote.con_id] = quote

    def flush(self) -> None:
        """Send what waits in one step; called a few times a second."""
        if self._waiting:
            self._publisher.send(self._send, slot="quotes")

    def repeat(self) -> None:
        """Send everything again: the board was emptied."""
        with self._lock:
            self._waiting = {**self._newest, **self._waiting}

    def _send(self) -> None:
        with self._lock:
            quotes, self._waiting = self._waiting, {}
            self._newest.update(quotes)
        try:
            self._board.put(quotes.values())
        except BusError:
            self._take_back(quotes)
            raise

    def _take_back(self, quotes: Mapping[int, Quote]) -> None:
        with self._lock:
            self._waiting = {**quotes, **self._waiting}

    def known(self) -> Iterable[int]:
        """Name the contracts quoted so far."""
        return self._newest.keys() | self._waiting.keys()
