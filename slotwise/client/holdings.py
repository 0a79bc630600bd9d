"""Holdings: the rows of a portfolio with their exchange rates, and how old the positions are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from slotwise.exchange_rates import Rates
from slotwise.portfolio.row import PortfolioRow
from slotwise.position import Unknown
from slotwise.rules.holdings_diff import Moved


class Holdings(msgspec.Struct, frozen=True, kw_only=True):
    """What is held at a time, valued."""

    at: datetime
    rows: tuple[PortfolioRow, ...]
    rates: Rates
    #: When the positions were last read from TWS; None of the past, where each row has its own.
    positions_at: datetime | None = None
    #: Accounts whose positions are not known, since when and why; "" stands for all.
    unknown: Mapping[str, Unknown] = {}
    #: Holdings of the start of the day that are closed: what they gained is in no sum.
    closed_today: int = 0
    #: What was opened, closed and changed since the day began; empty where that is not known.
    changes: tuple[Moved, ...] = ()
    #: Accounts' profits as IB reports them, beside those computed here, in words.
    profits: tuple[str, ...] = ()
