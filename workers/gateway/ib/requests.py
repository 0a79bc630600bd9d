"""Requests under way, each known by its own id; dropped as a whole when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ib_async.contract import ContractDetails
from ib_async.objects import BarData

from slotwise.position import Position
from slotwise.reconciliation.evidence import Execution
from workers.gateway.broker import OnQuotes
from workers.gateway.ib.quote_builder import QuoteBuilder


@dataclass(slots=True)
class LineRequest:
    """Keep a line open until it is closed or refused."""

    con_id: int
    builder: QuoteBuilder
    on_quotes: OnQuotes
    #: Whether TWS has said anything to it.
    answered: bool = False


@dataclass(slots=True)
class SnapshotRequest:
    """Take one quote; the future ends with `tickSnapshotEnd`."""

    con_id: int
    builder: QuoteBuilder
    done: asyncio.Future[None]
    answered: bool = False


@dataclass(slots=True)
class DetailsRequest:
    """Collect contract details."""

    done: asyncio.Future[list[ContractDetails]]
    rows: list[ContractDetails] = field(default_factory=list)


@dataclass(slots=True)
class BarsRequest:
    """Collect historical bars."""

    done: asyncio.Future[list[BarData]]
    rows: list[BarData] = field(default_factory=list)


@dataclass(slots=True)
class AccountRequest:
    """Collect the positions of one account, then hear its changes."""

    account: str
    done: asyncio.Future[None]
    rows: list[Position] = field(default_factory=list)
    #: When a row or the end was heard last, seconds of the monotonic clock.
    heard_at: float = 0.0


@dataclass(slots=True)
class ExecutionsRequest:
    """Collect the executions of the day."""

    done: asyncio.Future[list[Execution]]
    rows: list[Execution] = field(default_factory=list)


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
)
