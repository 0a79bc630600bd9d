"""What is known of one day: plain facts, as the lake has them, before anything is drawn.

Times are UTC; a bucket is a short part of the day (`span.BUCKET`), named by its begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from slotwise.portfolio.sums import Amount
from slotwise.reconciliation.report import Break
from slotwise.report.span import Span

MoveKind: TypeAlias = Literal["opened", "closed", "changed", "expired"]


class LineBucket(msgspec.Struct, frozen=True):
    """Count the lines that strategies held at most within a bucket, and how many were allowed."""

    begin: datetime
    held: int
    allowed: int


class ReportedGap(msgspec.Struct, frozen=True, kw_only=True):
    """Hold a part of the day in which a contract was wanted and not seen.

    Where `began_before` it has gone on since before the day; where `goes_on` nothing ended it
    within the day. Where `known` is false it may have been seen: no gateway kept a record.
    """

    begin: datetime
    end: datetime
    began_before: bool
    goes_on: bool
    known: bool
    event: str
    reason: str

    @property
    def seconds(self) -> float:
        """Return how much of the day it took."""
        return (self.end - self.begin).total_seconds()


class ContractGaps(msgspec.Struct, frozen=True):
    """Hold when one contract was not seen, oldest first."""

    con_id: int
    symbol: str
    times: tuple[ReportedGap, ...]

    @property
    def seconds(self) -> float:
        """Return the sum of the times that are known."""
        return sum(one.seconds for one in self.times if one.known)


class Lines(msgspec.Struct, frozen=True):
    """Hold how lines were used; no bucket is there before the first event in the lake."""

    events: int = 0
    buckets: tuple[LineBucket, ...] = ()
    #: The contracts that were not seen, the longest first.
    blind: tuple[ContractGaps, ...] = ()


class AgeBucket(msgspec.Struct, frozen=True):
    """Hold how old the newest quote of each contract was at the end of a bucket, seconds."""

    begin: datetime
    contracts: int
    median_s: float
    #: Nineteen of twenty contracts had a younger quote, or one as old.
    p95_s: float
    oldest_s: float


class QuoteGap(msgspec.Struct, frozen=True):
    """Hold the longest time for which a contract got no new quote, once it had one."""

    con_id: int
    symbol: str
    begin: datetime
    seconds: float


class Quotes(msgspec.Struct, frozen=True):
    """Hold the day's quotes in turn: of contracts that hold no line of their own."""

    quotes: int = 0
    contracts: int = 0
    delayed: int = 0
    ages: tuple[AgeBucket, ...] = ()
    #: The contracts that went without for longest, the longest first.
    gaps: tuple[QuoteGap, ...] = ()


class LandingBucket(msgspec.Struct, frozen=True):
    """Count the rows of positions that landed within a bucket, and their commits."""

    begin: datetime
    rows: int
    commits: int


class QueueDay(msgspec.Struct, frozen=True):
    """Count queue items by what became of them within the day."""

    inserted: int = 0
    succeeded: int = 0
    failed: int = 0
    commits: int = 0


class Landings(msgspec.Struct, frozen=True):
    """Hold what landed; `behind` is from the broker's word to the commit, seconds."""

    rows: int = 0
    commits: int = 0
    by_source: Mapping[str, int] = {}
    behind_median_s: float | None = None
    behind_worst_s: float | None = None
    buckets: tuple[LandingBucket, ...] = ()
    queue: QueueDay = QueueDay()


class ReportOfDay(msgspec.Struct, frozen=True):
    """Hold the outcome of one reconciliation."""

    completed_at: datetime
    status: str
    reason: str | None
    account: str | None
    matched: int
    breaks: int
    healed: int
    mended: int


class Reconciliations(msgspec.Struct, frozen=True):
    """Hold the day's reconciliations, and the last word of the day on each break."""

    reports: tuple[ReportOfDay, ...] = ()
    breaks: tuple[Break, ...] = ()


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one change of a holding's quantity; `cause` is what a reconciliation found."""

    at: datetime
    kind: MoveKind
    account: str
    con_id: int
    contract: str
    before: Decimal
    after: Decimal
    cause: str | None = None
    #: Whether executions explain another part of the change.
    is_part: bool = False


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one execution, or a change of a holding with the price that the record implies.

    Prices are as quoted. `price_from` is `execution`; of an inferred fill it is `cost`, `quote`, or
    empty where the price is not known.
    """

    at: datetime
    account: str
    con_id: int
    contract: str
    quantity: Decimal
    price: Decimal | None
    price_from: Literal["execution", "cost", "quote", ""]
    commission: Decimal | None = None
    commission_currency: str = ""

    @property
    def is_inferred(self) -> bool:
        """Return whether TWS gave no execution of it."""
        return self.price_from != "execution"


class Positions(msgspec.Struct, frozen=True):
    """Hold the day's moves, oldest first.

    `first_seen` counts holdings of accounts that the lake had not known before: it is not known
    whether those were opened on this day.
    """

    holdings: int = 0
    first_seen: int = 0
    moves: tuple[Move, ...] = ()


class PortfolioLine(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of a group in one currency, each with how many holdings it lacks."""

    name: str
    currency: str
    holdings: int
    priced: int
    oldest_s: float | None
    market_value: Amount
    day_pnl: Amount
    unrealized_pnl: Amount
    dollar_delta: Amount


class PortfolioOfDay(msgspec.Struct, frozen=True, kw_only=True):
    """What was held at the end of what is shown; `at` is None where that is not known."""

    at: datetime | None = None
    totals: tuple[PortfolioLine, ...] = ()
    strategies: tuple[PortfolioLine, ...] = ()
    underlyings: tuple[PortfolioLine, ...] = ()
    #: Contracts without a price, with a stale one, and that expire within a week.
    unpriced: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    expiring: tuple[str, ...] = ()
    #: Holdings of the start of the day that are closed.
    closed_today: int = 0


class Day(msgspec.Struct, frozen=True):
    """Hold all that is known of one day."""

    span: Span
    lines: Lines = Lines()
    quotes: Quotes = Quotes()
    landings: Landings = Landings()
    reconciliations: Reconciliations = Reconciliations()
    positions: Positions = Positions()
    portfolio: PortfolioOfDay = PortfolioOfDay()
    fills: tuple[Fill, ...] = ()
