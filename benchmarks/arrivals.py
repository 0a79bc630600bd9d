"""Arrivals: when each tick reached a handler, by the time its price carries.

The source of ticks writes the time of sending into the price, above `EPOCH`: no real price is so
high. A price below one is no time either: it ends a window, and what was noted until then is
written to a file for the benchmark to read.
"""

from __future__ import annotations

import array
import os
import time
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from slotwise.update import PositionUpdate

#: Environment variable that names the folder for the windows' files.
FOLDER = "SLOTWISE_BENCH_ARRIVALS"
#: Added to times, seconds.
EPOCH = 1_000_000.0
#: Times are given modulo this many seconds, so that a price holds microseconds exactly.
TURN_S = 100_000.0
#: A window's mark is its number divided by this.
MARKS = 1000


def stamp() -> float:
    """Return the time as a price: seconds, with microseconds."""
    return round(time.monotonic() % TURN_S + EPOCH, 6)


def mark(window: int) -> float:
    """Return the price that ends a window; windows count from 1."""
    return window / MARKS


class Arrivals:
    """Note how long ago each tick was sent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._late_s: array.array[float] = array.array("d")

    def note(self, prices: Iterable[float]) -> None:
        """Note prices that have just come."""
        now = time.monotonic() % TURN_S + EPOCH
        window = 0.0
        for price in prices:
            if price >= EPOCH:
                self._late_s.append(now - price)
            elif price < 1:
                window = price
        if window:
            self._write(round(window * MARKS))

    def _write(self, window: int) -> None:
        kept, self._late_s = self._late_s, array.array("d")
        unfinished = self._folder / f"{window}.part"
        unfinished.write_bytes(kept.tobytes())
        unfinished.rename(self._folder / f"{window}.times")


def read_arrivals(folder: Path, window: int) -> list[float] | None:
    """Read what was noted of a window, seconds; None as long as it is not there."""
    file = folder / f"{window}.times"
    if not file.exists():
        return None
    times: array.array[float] = array.array("d")
    times.frombytes(file.read_bytes())
    return times.tolist()


class ArrivalHandler:
    """Note arrivals in the gateway, as a user's handler of updates."""

    name = "arrivals"

    def __init__(self) -> None:
        self._arrivals = Arrivals(Path(os.environ[FOLDER]))
        self._last_bids: dict[int, Decimal] = {}

    def on_updates(self, updates: Iterable[PositionUpdate]) -> None:
        """Note each bid that is new: a position is sent again with the quote it had."""
        news = []
        for update in updates:
            quote = update.quote
            if quote is None or quote.bid is None or quote.bid == self._last_bids.get(quote.con_id):
                continue
            self._last_bids[quote.con_id] = quote.bid
            news.append(float(quote.bid))
        self._arrivals.note(news)


class LoopArrivalHandler(ArrivalHandler):
    """The same, called where the tick is read."""

    in_loop = True
