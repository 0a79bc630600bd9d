"""Build the parts of a gateway and connect them, wing by wing.

A part knows the parts it is given here and no others. What an event of one part asks of several
others is a method of `Reactions`, which gets the parts when all of them exist.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.lake_identity import LakeIdentity
from slotwise.bus.landing_stream import LandingStream
from slotwise.bus.marks import MarksBoard
from slotwise.bus.polled_quotes import PolledQuotes
from slotwise.bus.rates import RatesBoard
from slotwise.bus.replies import Answers
from slotwise.bus.status import StatusBoard, Why
from slotwise.contract import Contract
from slotwise.contract_details import KeptContract
from slotwise.handlers import Handler, HandlerHub
from slotwise.position import Position
from slotwise.position_writer import DeltaLakePositionWriter
from slotwise.quote import Quote
from slotwise.rules.expiry import is_over
from slotwise.rules.marks.marked import Marked
from slotwise.settings import Settings
from workers.gateway.broker import Broker
from workers.gateway.conditions import Conditions
from workers.gateway.contracts.service import ContractService
from workers.gateway.contracts.trading_hours_cache import TradingHoursCache
from workers.gateway.execution_keeper import ExecutionKeeper
from workers.gateway.lines.data_status import DataStatus
from workers.gateway.lines.events import LineLedger
from workers.gateway.lines.explain import explain
from workers.gateway.lines.leg_states import LegStates
from workers.gateway.lines.rotator import Rotator
from workers.gateway.lines.streamer import Streamer
from workers.gateway.lines.table import LineTable
from workers.gateway.lines.watchlist import Watch
from workers.gateway.marks.recall import last_quotes
from workers.gateway.marks.service import MarkService
from workers.gateway.outbox.publisher import Publisher
from workers.gateway.outbox.quote_board_writer import QuoteOutbox
from workers.gateway.outbox.quote_rows import QuoteRows
from workers.gateway.outbox.spool import Spool, left_by_others
from workers.gateway.outbox.spool_lake import SpoolLake
from workers.gateway.outbox.spool_sender import SpoolSender
from workers.gateway.parts import Lines, Outbox, Parts, Positions
from workers.gateway.positions.holdings import Holdings
from workers.gateway.positions.in_values import is_in_values
from workers.gateway.positions.poller import Poller
from workers.gateway.positions.queue_inserts import Insertions
from workers.gateway.positions.router import Router
from workers.gateway.rate_keeper import RateKeeper
from workers.gateway.reactions import Reactions
from workers.gateway.requests import Questions
from workers.gateway.session.session import Session
from workers.gateway.verdict_watch import VerdictWatch


def build(
    settings: Settings,
    broker: Broker,
    bus: Bus,
    reactions: Reactions,
    *,
    handlers: Iterable[Handler],
    is_leader: Callable[[], bool],
    kept_contracts: Callable[[], Sequence[KeptContract]],
    quotes_in_lake: Callable[[], Mapping[int, Quote]],
) -> Parts:
    """Build every part and connect them; threads begin to wait, nothing is sent yet."""
    outbox = _build_outbox(settings, bus, handlers, reactions.mark_of)
    lines = _build_lines(
        settings,
        broker,
        bus,
        reactions,
        outbox=outbox,
        is_leader=is_leader,
        kept_contracts=kept_contracts,
    )
    session = Session(
        broker,
        reactions,
        settings.ib_connect_timeout_s,
        conditions=Conditions(on_change=reactions.on_connection),
    )
    session.on_change = reactions.on_connection
    parts = Parts(
        broker=broker,
        session=session,
        data=DataStatus(session.conditions, lines.table.access, delayed=settings.delayed_data),
        outbox=outbox,
        lines=lines,
        positions=_build_positions(
            settings, broker, reactions, outbox=outbox, hours=lines.contracts.hours
        ),
        marks=_build_marks(settings, bus, outbox, lines, quotes_in_lake),
        questions=Questions(
            broker,
            lines.contracts.book,
            answers=Answers(bus),
            publisher=outbox.publisher,
            why=partial(_explain, lines),
        ),
    )
    reactions.connect(parts)
    return parts


def _build_outbox(
    settings: Settings,
    bus: Bus,
    handlers: Iterable[Handler],
    mark_of: Callable[[int], Marked | None],
) -> Outbox:
    publisher, status, hub = Publisher(), StatusBoard(bus), HandlerHub()
    sender = SpoolSender(
        LandingStream(bus),
        open_spool=partial(Spool, settings.spool_file, sync=settings.sync_to_disk),
        open_left=partial(left_by_others, settings.spool_file),
        may_send=SpoolLake(LakeIdentity(bus)).may_send,
    )
    hub.register(
        DeltaLakePositionWriter(sender.keep, mark_of),
        settings.stream_row_interval_s,
        only_held=True,
    )
    for handler in handlers:
        hub.register(handler)
    verdict = VerdictWatch(status, hub.publish_verdict)
    publisher.on_failure = verdict.failed
    return Outbox(
        publisher=publisher,
        sender=sender,
        snapshots=SnapshotBoard(bus),
        status=status,
        quotes=QuoteOutbox(publisher, QuoteBoard(bus), PolledQuotes(bus)),
        rows=QuoteRows(sender.keep, settings.quote_row_interval_s, time.monotonic),
        ledger=LineLedger(sender.keep),
        hub=hub,
        verdict=verdict,
    )


def _build_lines(
    settings: Settings,
    broker: Broker,
    bus: Bus,
    reactions: Reactions,
    *,
    outbox: Outbox,
    is_leader: Callable[[], bool],
    kept_contracts: Callable[[], Sequence[KeptContract]],
) -> Lines:
    contracts = ContractService(
        broker,
        outbox.sender.keep,
        kept=kept_contracts,
        on_details=reactions.on_details,
        on_all_details=reactions.on_all_details,
    )
    table = LineTable(
        settings.lines,
        reserve=settings.lines_reserve,
        rotation_reserve=settings.rotation_reserve if settings.rotation else 0,
    )
    streamer = Streamer(
        broker,
        contracts.book,
        table=table,
        ledger=outbox.ledger,
        on_quotes=reactions.on_line_quotes,
        trades=partial(_trades, contracts.hours),
        is_leader=is_leader,
        on_sighting=outbox.hub.publish_sighting,
    )
    rotator = Rotator(
        broker,
        contracts.book,
        table=table,
        on_quote=reactions.on_quote,
        rows=outbox.rows,
        hours=contracts.hours,
        floor_s=settings.quote_floor_s,
        costs=reactions.quote_costs,
        is_leader=is_leader,
    )
    watch = Watch(
        settings.watch,
        settings.watch_interval_s,
        broker=broker,
        contracts=contracts.book,
        table=table,
        age_s=rotator.age_s,
        on_quote=reactions.on_quote,
        rows=outbox.rows,
    )
    rates = RateKeeper(
        broker,
        RatesBoard(bus),
        publisher=outbox.publisher,
        append=outbox.sender.keep,
        on_rates=reactions.rotate,
    )
    return Lines(
        contracts=contracts,
        table=table,
        streamer=streamer,
        rotator=rotator,
        watch=watch,
        rates=rates,
        states=LegStates(table, contracts.book.named, partial(_is_closed, contracts.hours)),
    )


def _build_positions(
    settings: Settings,
    broker: Broker,
    reactions: Reactions,
    *,
    outbox: Outbox,
    hours: TradingHoursCache,
) -> Positions:
    router = Router(
        outbox.publisher,
        outbox.snapshots,
        insertions=Insertions(outbox.sender),
        stream=reactions.stream,
        numbering=broker.numbering,
    )
    poller = Poller(
        broker, settings.poll_interval_s, reactions.on_snapshot, reactions.on_poll_failed
    )
    executions = ExecutionKeeper(broker, outbox.sender.keep, lambda: router.portfolio.by_key)
    holdings = Holdings(
        broker,
        router,
        poller.request,
        is_over=partial(_is_over, hours),
        in_values=partial(_is_in_values, outbox.quotes),
        executions=executions.ask,
    )
    return Positions(router, poller, holdings, executions)


def _build_marks(
    settings: Settings,
    bus: Bus,
    outbox: Outbox,
    lines: Lines,
    quotes_in_lake: Callable[[], Mapping[int, Quote]],
) -> MarkService:
    return MarkService(
        outbox.publisher,
        MarksBoard(bus),
        details_of=lines.contracts.facts.details,
        hours_of=lines.contracts.hours.hours,
        newest=outbox.quotes.newest,
        lines=lines.table.ticking,
        last_quotes=partial(last_quotes, QuoteBoard(bus), quotes_in_lake),
        append=outbox.sender.keep,
        interval_s=settings.marks_interval_s,
    )


def _explain(lines: Lines, con_id: int) -> Why:
    return explain(
        con_id,
        lines.contracts.book,
        lines.streamer.active,
        lines.table,
        lines.rotator,
        time.monotonic(),
        datetime.now(UTC),
    )


def _trades(hours: TradingHoursCache, contract: Contract) -> bool:
    return hours.trades(contract, datetime.now(UTC))


def _is_closed(hours: TradingHoursCache, contract: Contract) -> bool:
    return hours.closed_until(contract, datetime.now(UTC)) is not None


def _is_in_values(quotes: QuoteOutbox, position: Position) -> bool:
    return is_in_values(position.contract, quotes.newest(position.contract.con_id))


def _is_over(hours: TradingHoursCache, contract: Contract) -> bool:
    now = datetime.now(UTC)
    return is_over(contract, hours.hours(contract, now), now)
