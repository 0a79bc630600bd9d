"""Watch: quotes of the watchlist, one at a time, on a line that is idle at that moment.

In order: the quote of a line the contract holds anyway; a snapshot on an idle line; a
historical bar, which needs no line. An active contract takes the line back at once: the
streamer cancels the snapshot, and what had arrived by then counts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec
import structlog

from slotwise.contract import Contract
from slotwise.errors import BrokerError, RequestRefusedError
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import QUOTES
from slotwise.landing import Rows
from slotwise.quote import Quote
from workers.gateway.broker import Broker
from workers.gateway.contracts import ContractBook
from workers.gateway.line_table import LineTable
from workers.gateway.publisher import Append

log = structlog.get_logger(__name__)

#: A snapshot ends by itself within 11 s; IB's figure.
SNAPSHOT_TIMEOUT_S = 12.0
#: Bars are asked for this rarely, seconds: they are minutes, and IB paces them.
BAR_INTERVAL_S = 60.0

LINES_FULL = 101


class QuoteRow(msgspec.Struct, frozen=True):
    """Hold one row of table `quotes`."""

    con_id: int
    symbol: str
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    close: Decimal | None
    iv: float | None
    delta: float | None
    source: str
    delayed: bool
    observed_at: datetime


def quote_row(contract: Contract, quote: Quote) -> QuoteRow:
    """Make a quote a row."""
    return QuoteRow(
        con_id=quote.con_id,
        symbol=contract.symbol,
        bid=quote.bid,
        ask=quote.ask,
        last=quote.last,
        close=quote.close,
        iv=quote.iv,
        delta=quote.delta,
        source=quote.source,
        delayed=quote.delayed,
        observed_at=quote.observed_at,
    )


class Watch:
    """Quote the watchlist in turn."""

    def __init__(
        self,
        symbols: Sequence[str],
        interval_s: float,
        broker: Broker,
        contracts: ContractBook,
        table: LineTable,
        on_quote: Callable[[Quote], None],
        append: Append,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._symbols = symbols
        self._interval_s = interval_s
        self._broker = broker
        self._contracts = contracts
        self._table = table
        self._on_quote = on_quote
        self._append = append
        self._clock = clock
        self._bar_at: dict[int, float] = {}
        #: Why a symbol has no fresh quote, as last told.
        self.troubles: dict[str, str] = {}

    async def run(self, ready: asyncio.Event) -> None:
        """Quote the whole list at each interval, while there is a connection."""
        while True:
            await ready.wait()
            started_at = self._clock()
            await self.round()
            await asyncio.sleep(max(started_at + self._interval_s - self._clock(), 0.0))

    def stale(self) -> str:
        """Say which symbols have no fresh quote, and why; empty when all have."""
        if not self.troubles:
            return ""
        return "stale quotes: " + ", ".join(f"{s} ({why})" for s, why in self.troubles.items())

    async def round(self) -> None:
        """Quote each symbol once, and land what came as one entry."""
        rows = []
        for symbol in self._symbols:
            try:
                contract = await self._contracts.find_symbol(symbol)
                quote = await self.quote(contract)
            except BrokerError as error:
                self._trouble(symbol, str(error))
                continue
            if quote is None:
                continue
            if quote.is_empty():
                self._trouble(symbol, "no price arrived")
                continue
            self.troubles.pop(symbol, None)
            self._on_quote(quote)
            rows.append(quote_row(contract, quote))
        if rows:
            self._append(Rows(QUOTES.name), to_batch(rows, QUOTES.sent))

    async def quote(self, contract: Contract) -> Quote | None:
        """Take one quote in the best way there is now; None when it is not time for a bar yet."""
        line = self._table.held.get(contract.con_id)
        if line is not None and line.quote is not None:
            return line.quote
        if line is None and self._table.free():
            quote = await self._snapshot(contract)
            if quote is not None and not quote.is_empty():
                return quote
        return await self._bar(contract)

    async def _snapshot(self, contract: Contract) -> Quote | None:
        con_id = contract.con_id
        self._table.quote_began(con_id)
        try:
            return await self._broker.snapshot_quote(contract, SNAPSHOT_TIMEOUT_S)
        except RequestRefusedError as error:
            if error.code == LINES_FULL:
                self._table.quote_ended(con_id)
                self._table.was_full(self._clock())
                return None
            raise
        finally:
            self._table.quote_ended(con_id)

    async def _bar(self, contract: Contract) -> Quote | None:
        now = self._clock()
        if self._bar_at.get(contract.con_id, now) > now:
            return None
        self._bar_at[contract.con_id] = now + BAR_INTERVAL_S
        return await self._broker.bar_quote(contract)

    def _trouble(self, symbol: str, reason: str) -> None:
        if self.troubles.get(symbol) != reason:
            log.warning("watchlist quote is stale", symbol=symbol, reason=reason)
        self.troubles[symbol] = reason
