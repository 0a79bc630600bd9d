"""Reads what is held again and again, and keeps the last answer while none comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from slotwise.client.holdings import Holdings
from slotwise.errors import SlotwiseError
from slotwise.portfolio.grouping import Group, portfolio
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.selection import usual_order
from workers.screen.background_reader import Newest

#: Time between two readings, seconds: prices of lines are sent once a second.
READ_S = 1.0
#: Part of one core that reading may use; a large portfolio is read less often.
CPU_SHARE = 0.045


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What was held when it was last read; with an error, and its time, where no news comes."""

    holdings: Holdings | None = None
    #: The rows in their usual order, and their sums.
    rows: tuple[PortfolioRow, ...] = ()
    total: Group | None = None
    error: str = ""
    since: datetime | None = None
    #: Processor time that the reading took, seconds.
    used_s: float = 0.0


class HoldingsReader:
    """Reads holdings; an error keeps what was read before it."""

    def __init__(self, read: Callable[[], Holdings]) -> None:
        self._source = read
        self._last = Held()

    def read(self) -> Held:
        """Read once."""
        began = time.thread_time()
        try:
            holdings = self._source()
            rows = tuple(sorted(holdings.rows, key=usual_order))
            total = portfolio(rows, holdings.rates, holdings.at).total
            self._last = Held(holdings=holdings, rows=rows, total=total)
        except SlotwiseError as error:
            since = self._last.since or datetime.now(UTC)
            self._last = msgspec.structs.replace(self._last, error=str(error), since=since)
        self._last = msgspec.structs.replace(self._last, used_s=time.thread_time() - began)
        return self._last


def read_in_thread(
    read: Callable[[], Holdings], news: threading.Event | None = None
) -> Newest[Held]:
    """Read again and again in a thread."""
    return Newest(HoldingsReader(read).read, pause_s, "holdings", news)


def pause_s(held: Held) -> float:
    """Return the time until the next reading, seconds."""
    return max(READ_S, held.used_s / CPU_SHARE)
