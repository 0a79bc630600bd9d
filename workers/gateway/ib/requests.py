"""Requests under way, each known by its own id; dropped as a whole when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import msgspec
from ib_async.contract import Contract as IbContract
from ib_async.objects import BarData

from slotwise.contract_details import ContractDetails
from slotwise.position import Position
from slotwise.reconciliation.evidence import Execution
from slotwise.rules.profit_witness import AccountProfit
from workers.gateway.broker import OnQuotes, Refusal
from workers.gateway.ib.quote_builder import QuoteBuilder
from workers.gateway.quote_ways import Settled


@dataclass(slots=True)
class QuoteRequest:
    """Collect ticks of one contract."""

    con_id: int
    builder: QuoteBuilder
    #: The request as it was made last: its id, its contract, when, monotonic seconds; and how often
    #: TWS has sent it on elsewhere.
    req_id: int = field(default=0, init=False)
    asked_of: IbContract | None = field(default=None, init=False)
    asked_at: float = field(default=0.0, init=False)
    rerouted: int = field(default=0, init=False)
    #: Whether TWS has answered in any way, and whether a tick came.
    answered: bool = field(default=False, init=False)
    has_data: bool = field(default=False, init=False)
    #: TWS's objection to it, and when it is refused if no tick comes, monotonic seconds.
    contested: Refusal | None = field(default=None, init=False)
    judge_at: float = field(default=0.0, init=False)

    @property
    def refusal(self) -> Refusal | None:
        """Return TWS's objection to it, while no tick proves the contrary."""
        return None if self.has_data else self.contested


@dataclass(slots=True)
class LineRequest(QuoteRequest):
    """Keep a line open until it is closed or refused."""

    on_quotes: OnQuotes
    #: Whether TWS said something against it after its data came, and no tick has come since.
    doubted: bool = field(default=False, init=False)
    #: Whether its quote has ever given a price.
    had_price: bool = field(default=False, init=False)


@dataclass(slots=True)
class SnapshotRequest(QuoteRequest):
    """Take one quote; the future ends with `tickSnapshotEnd`."""

    done: asyncio.Future[None]
    #: When its newest price came: its end may be seconds later.
    priced_at: datetime | None = field(default=None, init=False)


@dataclass(slots=True)
class ShortStreamRequest(SnapshotRequest):
    """Take one quote from a stream, which ends when what is wanted is there."""

    sec_type: str
    settled: Settled

    def look(self, field_name: str) -> None:
        """End once nothing more is wanted; `field_name` is what came now."""
        if not self.done.done():
            self.settled.last = field_name
            if self.builder.is_whole(self.sec_type):
                self.done.set_result(None)


@dataclass(slots=True)
class DetailsRequest:
    """Collect contract details, one row for each place that a contract is listed at."""

    done: asyncio.Future[list[ContractDetails]]
    rows: list[ContractDetails] = field(default_factory=list)


@dataclass(slots=True)
class BarsRequest:
    """Collect historical bars."""

    done: asyncio.Future[list[BarData]]
    rows: list[BarData] = field(default_factory=list)


@dataclass(slots=True)
class AccountRequest:
    """Collect the positions of one account, then take its changes."""

    account: str
    done: asyncio.Future[None]
    rows: list[Position] = field(default_factory=list)
    #: What TWS remarked on these positions; empty for nothing.
    words: str = ""
    #: Contract ids of rows that could not be read, and whether those are all that it lacks.
    unreadable: list[int] = field(default_factory=list)
    lacks_named_only: bool = True
    #: When a row or the end came last, seconds of the monotonic clock.
    heard_at: float = 0.0

    def number_rows(self, sequence: int) -> None:
        """Number the rows of the answer among all observations."""
        self.rows = [msgspec.structs.replace(row, sequence=sequence) for row in self.rows]


@dataclass(slots=True)
class ExecutionsRequest:
    """Collect the executions of the day."""

    done: asyncio.Future[list[Execution]]
    rows: list[Execution] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One value of an account, as TWS wrote it."""

    account: str
    tag: str
    value: str
    currency: str


@dataclass(slots=True)
class SummaryRequest:
    """Collect an account summary; `read` makes a row of account, tag, value and currency."""

    done: asyncio.Future[list[SummaryRow]]
    read: Callable[[str, str, str, str], SummaryRow | None]
    rows: list[SummaryRow] = field(default_factory=list)


@dataclass(slots=True)
class ProfitRequest:
    """Keep the newest profit of one account; the future ends with the first."""

    account: str
    done: asyncio.Future[None]
    newest: AccountProfit | None = field(default=None, init=False)


@dataclass(frozen=True, slots=True)
class Mark:
    """Wait for TWS to have read what was sent; `at` is seconds of the monotonic clock."""

    at: float
    on_read: Callable[[], None]


Request: TypeAlias = (
    LineRequest
    | SnapshotRequest
    | DetailsRequest
    | BarsRequest
    | ExecutionsRequest
    | AccountRequest
    | SummaryRequest
    | ProfitRequest
)
