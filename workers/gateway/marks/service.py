"""MarkService: marks of all holdings each second, from every quote that comes.

The event loop hands over what came, and a thread makes the marks: 10,000 of them take longer than a
tick may wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import structlog

from slotwise.bus.marks import MarksBoard
from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails
from slotwise.position import Position
from slotwise.position_writer import Append
from slotwise.quote import Quote
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.marked import Marked
from slotwise.rules.trading_hours import TradingHours
from workers.gateway.marks.board_writer import MarkBoardWriter
from workers.gateway.marks.instruments import Instruments
from workers.gateway.marks.rounds import MarkRounds, Seen
from workers.gateway.marks.rows import MarkRows
from workers.gateway.marks.steady_time import SteadyTime
from workers.gateway.outbox.publisher import Publisher

log = structlog.get_logger(__name__)

#: Marks are made this often, seconds.
INTERVAL_S = 1.0
#: Weight of the newest round in the mean of what rounds cost.
SMOOTHING = 0.1


class MarkService:
    """Take quotes and holdings as they come, and give marks of them."""

    def __init__(
        self,
        publisher: Publisher,
        board: MarksBoard,
        *,
        details_of: Callable[[int], ContractDetails | None],
        hours_of: Callable[[Contract, datetime], TradingHours | None],
        newest: Callable[[int], Quote | None],
        lines: Callable[[], Collection[int]],
        last_quotes: Callable[[], Mapping[int, Quote]] = dict,
        append: Append = lambda head, rows: None,
        interval_s: float = 0.0,
        clock: SteadyTime | None = None,
    ) -> None:
        self._time = clock or SteadyTime()
        self._instruments = Instruments(details_of, hours_of)
        self._rounds = MarkRounds(self._time, newest)
        self._writer = MarkBoardWriter(self._time)
        self._rows = MarkRows(append, interval_s, self._time)
        self._publisher = publisher
        self._board = board
        self._lines = lines
        self._last_quotes = last_quotes
        self._recalled: Mapping[int, Quote] = {}
        self._came: dict[int, tuple[Quote, float]] = {}
        self._wanted: Sequence[Instrument] | None = None
        #: The newest mark of each holding's contract.
        self.marks: Mapping[int, Mark] = {}
        #: Underlyings of held options.
        self.underlyings: Collection[int] = frozenset()
        #: CPU that rounds take, as a share of a core.
        self.cost = 0.0

    def take(self, quotes: Iterable[Quote]) -> None:
        """Take quotes as they come, of whatever contract."""
        now_s, came = self._time.now(), self._came
        for quote in quotes:
            came[quote.con_id] = (quote, now_s)

    def want(self, positions: Iterable[Position]) -> None:
        """Mark what is held, from the next round on."""
        now, ahead_s = datetime.now(UTC), self._time.ahead_s()
        self._wanted = self._instruments.of(positions, now, ahead_s)
        self.underlyings = self._instruments.underlyings()

    def repeat(self) -> None:
        """Write all marks again: the board was emptied."""
        self._writer.repeat()

    def of(self, con_id: int) -> Mark | None:
        """Return the newest mark of a contract; None where it is not held."""
        return self.marks.get(con_id)

    def marked(self, con_id: int) -> Marked | None:
        """Return a contract's newest mark by the machine's clock; None where it is not held."""
        mark = self.marks.get(con_id)
        return None if mark is None else self._time.marked(mark)

    async def run(self) -> None:
        """Make marks each second, until cancelled."""
        recalling = asyncio.create_task(self._recall())
        try:
            while True:
                began = time.monotonic()
                try:
                    await self.step()
                except Exception:
                    # Marks matter less than the connections of their readers.
                    log.exception("marks failed")
                await asyncio.sleep(max(INTERVAL_S - (time.monotonic() - began), INTERVAL_S / 10))
        finally:
            recalling.cancel()

    async def _recall(self) -> None:
        """Read the quotes that contracts begin with, in a thread: it may take seconds."""
        self._recalled = await asyncio.to_thread(self._last_quotes)
        log.info("quotes recalled for marks", contracts=len(self._recalled))

    async def step(self) -> None:
        """Make one round of marks, and publish them where they say something new."""
        seen = Seen(self._came, frozenset(self._lines()), self._wanted, self._recalled)
        self._came, self._wanted, self._recalled = {}, None, {}
        self.marks, data, took_s = await asyncio.to_thread(self._round, seen)
        self.cost += SMOOTHING * (took_s / INTERVAL_S - self.cost)
        if data is not None:
            self._publisher.send(partial(self._board.put, data), slot="marks")

    def _round(self, seen: Seen) -> tuple[dict[int, Mark], bytes | None, float]:
        """Work off a round, in a thread; return the CPU time it took, seconds."""
        began = time.thread_time()
        at_s, marks = self._rounds.round(seen)
        data = self._writer.next(marks, at_s)
        self._rows.offer(marks, at_s)
        by_contract = {mark.con_id: mark for mark in marks}
        return by_contract, data, time.thread_time() - began
