"""Rows of table `quotes`, collected and landed as one entry.

A contract has at most one row in an interval, whether it is quoted in turn or on a line: marks of
the past, and those after a restart, begin at the last row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from math import inf

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
    bid_size: Decimal | None
    ask_size: Decimal | None
    last: Decimal | None
    close: Decimal | None
    iv: float | None
    delta: float | None
    gamma: float | None
    vega: float | None
    theta: float | None
    underlying_price: Decimal | None
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
        bid_size=quote.bid_size,
        ask_size=quote.ask_size,
        last=quote.last,
        close=quote.close,
        iv=quote.iv,
        delta=quote.delta,
        gamma=quote.gamma,
        vega=quote.vega,
        theta=quote.theta,
        underlying_price=quote.underlying_price,
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
        #: The last quote of each line that was offered, so that one that stands still lands once.
        self._of_lines: dict[int, Quote] = {}

    def keep(self, contract: Contract, quote: Quote) -> None:
        """Take a quote, unless one of its contract was taken a short while ago."""
        now = self._clock()
        kept_at = self._kept_at.get(contract.con_id)
        if kept_at is None or now - kept_at >= self._interval_s:
            self._kept_at[contract.con_id] = now
            self._rows.append(quote_row(contract, quote))

    def keep_lines(self, lines: Iterable[tuple[Contract, Quote | None]]) -> None:
        """Take the newest quotes of the lines that are held, as far as they are new.

        Called with every line now and then: a tick is far more often than a row.
        """
        before, self._of_lines = self._of_lines, {}
        now = self._clock()
        for contract, quote in lines:
            if quote is None:
                continue
            con_id = contract.con_id
            if before.get(con_id) is quote:
                self._of_lines[con_id] = quote
            elif now - self._kept_at.get(con_id, -inf) >= self._interval_s:
                self._of_lines[con_id] = quote
                self.keep(contract, quote)

    def flush(self) -> None:
        """Send what was collected, and drop contracts that are quoted no more.

        A quote that does not fit its table is logged and left out.
        """
        oldest = self._clock() - 2 * self._interval_s
        self._kept_at = {c: at for c, at in self._kept_at.items() if at > oldest}
        if self._rows:
            rows, self._rows = self._rows, []
            batch = self._misfits.batch(rows, QUOTES.sent, ("con_id", "symbol"))
            if batch is not None:
                self._append(Rows(QUOTES.name), batch)
