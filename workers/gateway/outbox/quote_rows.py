"""Rows of table `quotes`, collected and landed as one entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.contract import Contract
from slotwise.lake.misfits import MisfitLog
from slotwise.lake.schemas import QUOTES
from slotwise.position_writer import Append
from slotwise.quote import Quote
from slotwise.rules.landing import Rows


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


class QuoteRows:
    """Collect quotes, of each contract at most one in an interval, until they are sent."""

    def __init__(self, append: Append, interval_s: float, clock: Callable[[], float]) -> None:
        self._append = append
        self._misfits = MisfitLog(QUOTES.name)
        self._interval_s = interval_s
        self._clock = clock
        self._rows: list[QuoteRow] = []
        self._kept_at: dict[int, float] = {}

    def keep(self, contract: Contract, quote: Quote) -> None:
        """Take a quote, unless one of its contract was taken a short while ago."""
        now = self._clock()
        kept_at = self._kept_at.get(contract.con_id)
        if kept_at is None or now - kept_at >= self._interval_s:
            self._kept_at[contract.con_id] = now
            self._rows.append(quote_row(contract, quote))

    def flush(self) -> None:
        """Send what was collected, and forget contracts that are quoted no more.

        A quote that does not fit its table is logged and left out.
        """
        oldest = self._clock() - 2 * self._interval_s
        self._kept_at = {c: at for c, at in self._kept_at.items() if at > oldest}
        if self._rows:
            rows, self._rows = self._rows, []
            batch = self._misfits.batch(rows, QUOTES.sent, ("con_id", "symbol"))
            if batch is not None:
                self._append(Rows(QUOTES.name), batch)
