"""More ticks than a market makes by itself, on request: sizes that flicker between two quotes.

Quotes step faster as well, and stay the market's; what is seen in the end is the quote. IB sends
a contract's changes four to ten times a second, which no test of a client's speed can use.
"""

from __future__ import annotations

from math import ceil

from tws_simulator.instruments.contract import Contract
from tws_simulator.market.noise import key_of, unit
from tws_simulator.market.paces import PACES
from tws_simulator.market.quote import Quote
from tws_simulator.services.market_data.ticks import TickTypes
from tws_simulator.wire.ticks import Tick, size_tick

#: Quotes change at least this often while sizes flicker, seconds: a burst each time.
FLICKER_INTERVAL_S = 0.05
#: What could not be sent in time is given up after this, seconds.
CATCH_UP_S = 0.5


class TickRate:
    """Share a rate of ticks a second out to the lines that are open; 0 adds no tick."""

    def __init__(self, per_s: int) -> None:
        self.per_s = per_s
        #: Lines that ticks go to.
        self.lines = 0

    def due(self, elapsed_s: float) -> float:
        """Return how many ticks one line is due after some time."""
        return self.per_s * min(elapsed_s, CATCH_UP_S) / max(self.lines, 1)


class ExtraTicks:
    """Draw sizes of one contract that are not watched for long."""

    def __init__(self, contract: Contract, types: TickTypes, rate: TickRate) -> None:
        self._sides = (types.bid_size, types.ask_size)
        self._most = PACES[contract.sec_type].max_size
        self._key = key_of("flicker", contract.con_id)
        self._rate = rate
        self._drawn = 0
        self._owed = 0.0
        self._at: float | None = None

    def ticks(self, quote: Quote, others: int, now: float) -> list[Tick]:
        """Return the ticks that the rate lacks since the last call, beside `others` that are sent.

        The last two restore the sizes that were sent before, so that no flicker stays.
        """
        elapsed_s = 0.0 if self._at is None else now - self._at
        self._at = now
        self._owed += self._rate.due(elapsed_s) - others
        # More than was asked for is no debt of the next second's.
        self._owed = max(self._owed, -1.0)
        if not (quote.has_bid and quote.has_ask):
            self._owed = 0.0
        count = ceil(self._owed)
        if count < len(self._sides):
            return []
        self._owed -= count
        first, last = self._drawn, self._drawn + count - len(self._sides)
        self._drawn = last
        key, most, sides = self._key, self._most, self._sides
        flickers = [
            size_tick(sides[n & 1], 1 + int(unit(key, n) * most)) for n in range(first, last)
        ]
        return [*flickers, size_tick(sides[0], quote.bid_size), size_tick(sides[1], quote.ask_size)]
