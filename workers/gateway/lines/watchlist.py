"""Watch: the watchlist always has a quote, be there an idle line or not.

In order: the quote of a line the contract holds anyway; the rotation's, while it is fresh; a
historical bar, which needs no line.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from slotwise.contract import Contract
from slotwise.errors import BrokerError
from slotwise.quote import Quote
from workers.gateway.broker import Broker
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.lines.table import LineTable
from workers.gateway.outbox.quote_rows import QuoteRows

log = structlog.get_logger(__name__)

#: Bars are asked for this rarely, seconds: they are minutes, and IB paces them.
BAR_INTERVAL_S = 60.0
#: The rotation's quote counts as fresh up to this many intervals.
FRESH_INTERVALS = 2.0


class Watch:
    """Quote the watchlist in turn."""

    def __init__(
        self,
        symbols: Sequence[str],
        interval_s: float,
        broker: Broker,
        contracts: ContractCache,
        table: LineTable,
        age_s: Callable[[int], float | None],
        on_quote: Callable[[Quote], None],
        rows: QuoteRows,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._symbols = symbols
        self._interval_s = interval_s
        self._broker = broker
        self._contracts = contracts
        self._table = table
        self._age_s = age_s
        self._on_quote = on_quote
        self._rows = rows
        self._clock = clock
        self._bar_at: dict[int, float] = {}
        #: Contract ids of the symbols that are known by now.
        self.con_ids: set[int] = set()
        #: Why a symbol has no fresh quote, as last reported.
        self.troubles: dict[str, str] = {}

    async def run(self, ready: asyncio.Event) -> None:
        """Quote the whole list at each interval, while there is a connection."""
        while True:
            await ready.wait()
            started_at = self._clock()
            await self.round()
            await asyncio.sleep(max(started_at + self._interval_s - self._clock(), 0.0))

    def stale(self) -> str:
        """Describe which symbols have no fresh quote, and why; empty when all have."""
        if not self.troubles:
            return ""
        return "stale quotes: " + ", ".join(f"{s} ({why})" for s, why in self.troubles.items())

    async def round(self) -> None:
        """Look after each symbol once."""
        for symbol in self._symbols:
            try:
                contract = await self._contracts.find_symbol(symbol)
                self.con_ids.add(contract.con_id)
                if self._is_rotated(contract.con_id):
                    self.troubles.pop(symbol, None)
                    continue
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
            self._rows.keep(contract, quote)

    async def quote(self, contract: Contract) -> Quote | None:
        """Take the quote of its line, or a bar; None when it is not time for a bar yet."""
        line = self._table.held.get(contract.con_id)
        if line is not None and line.quote is not None:
            return line.quote
        return await self._bar(contract)

    def _is_rotated(self, con_id: int) -> bool:
        """Return whether the rotation has a fresh quote, or is about to: bars come after it."""
        age_s = self._age_s(con_id)
        return age_s is not None and age_s <= FRESH_INTERVALS * self._interval_s

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
