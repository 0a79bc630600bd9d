"""The parts of a gateway, by wing: what `wiring` builds and the others use."""

from __future__ import annotations

from dataclasses import dataclass

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.status import StatusBoard
from slotwise.handlers import HandlerHub
from workers.gateway.broker import Broker
from workers.gateway.contracts.service import ContractService
from workers.gateway.execution_keeper import ExecutionKeeper
from workers.gateway.lines.data_status import DataStatus
from workers.gateway.lines.events import LineLedger
from workers.gateway.lines.leg_states import LegStates
from workers.gateway.lines.rotator import Rotator
from workers.gateway.lines.streamer import Streamer
from workers.gateway.lines.table import LineTable
from workers.gateway.lines.watchlist import Watch
from workers.gateway.marks.service import MarkService
from workers.gateway.outbox.publisher import Publisher
from workers.gateway.outbox.quote_board_writer import QuoteOutbox
from workers.gateway.outbox.quote_rows import QuoteRows
from workers.gateway.outbox.spool_sender import SpoolSender
from workers.gateway.positions.holdings import Holdings
from workers.gateway.positions.poller import Poller
from workers.gateway.positions.router import Router
from workers.gateway.rate_keeper import RateKeeper
from workers.gateway.requests import Questions
from workers.gateway.session.session import Session
from workers.gateway.verdict_watch import VerdictWatch


@dataclass(frozen=True, slots=True)
class Outbox:
    """What leaves the gateway: for Redis, for the lake, for handlers."""

    publisher: Publisher
    sender: SpoolSender
    snapshots: SnapshotBoard
    status: StatusBoard
    quotes: QuoteOutbox
    rows: QuoteRows
    ledger: LineLedger
    hub: HandlerHub
    verdict: VerdictWatch


@dataclass(frozen=True, slots=True)
class Lines:
    """Contracts and their quotes: by a line that stays, by turns, or watched."""

    contracts: ContractService
    table: LineTable
    streamer: Streamer
    rotator: Rotator
    watch: Watch
    rates: RateKeeper
    states: LegStates


@dataclass(frozen=True, slots=True)
class Positions:
    """What accounts hold, from the answer of TWS to its effects."""

    router: Router
    poller: Poller
    holdings: Holdings
    executions: ExecutionKeeper


@dataclass(frozen=True, slots=True)
class Parts:
    """Every part of one gateway."""

    broker: Broker
    session: Session
    data: DataStatus
    outbox: Outbox
    lines: Lines
    positions: Positions
    marks: MarkService
    questions: Questions
