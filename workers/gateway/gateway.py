"""Gateway: everything wired together, and how it begins and ends."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import structlog

from slotwise.bus.answers import Answers
from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import (
    Command,
    Commands,
    ContractsAsked,
    EvidenceAsked,
    PollNow,
    RegistryChanged,
    WhyAsked,
)
from slotwise.bus.landing_stream import LandingStream
from slotwise.bus.status import GatewayStatus, StatusBoard, Why
from slotwise.contract import Contract
from slotwise.errors import BusError, LakeError
from slotwise.handlers import Handler, HandlerHub
from slotwise.position import Position, Snapshot
from slotwise.position_writer import DeltaLakePositionWriter
from slotwise.quote import Quote
from slotwise.settings import Settings
from workers.gateway.active import Active, ActiveContracts
from workers.gateway.broker import Broker, Refusal, Upstream
from workers.gateway.commands import CommandListener
from workers.gateway.contracts import ContractBook
from workers.gateway.hours_book import HoursBook
from workers.gateway.insertions import Insertions
from workers.gateway.line_events import LineLedger
from workers.gateway.line_table import LineTable
from workers.gateway.loops import call_on, every
from workers.gateway.poller import Poller
from workers.gateway.publisher import Publisher
from workers.gateway.questions import Questions
from workers.gateway.quote_outbox import QuoteOutbox
from workers.gateway.quote_rows import QuoteRows
from workers.gateway.registry_watch import RegistryWatch
from workers.gateway.rotator import Rotator
from workers.gateway.router import Router
from workers.gateway.session import Session
from workers.gateway.session_table import Event
from workers.gateway.snapshot_doubt import SnapshotDoubt
from workers.gateway.spool import Spool
from workers.gateway.spool_sender import SpoolSender
from workers.gateway.standing import standing
from workers.gateway.streamer import Streamer
from workers.gateway.updates import update_of
from workers.gateway.vitals import Vitals
from workers.gateway.watch import Watch
from workers.gateway.why import explain
from workers.gateway.wishes import wishes_of

log = structlog.get_logger(__name__)

#: Quotes go to the board together this often, seconds.
QUOTES_S = 0.25
#: Lines are looked over for silence this often, seconds: a dead one is missed no longer than it
#: has patience.
SILENCE_S = 0.25
#: Status and line events are published, and lines looked over, this often, seconds.
TICK_S = 1.0
#: After a connection comes, lines wait this long, seconds: the one request for positions goes
#: before a hundred for lines, of which ib_async sends 45 a second.
POLL_FIRST_S = 0.02


class Gateway:
    """Own the connection and the lines; hears the broker and the session."""

    def __init__(
        self,
        settings: Settings,
        broker: Broker,
        bus: Bus,
        registry: ActiveContracts,
        handlers: Iterable[Handler] = (),
        sure: Callable[[], bool] = lambda: True,
        book: Callable[[], Sequence[Position]] = tuple,
    ) -> None:
        self._broker = broker
        self._bus = bus
        self._book = book
        self._registry = RegistryWatch(registry, self._on_active)
        self._publisher = Publisher()
        self._questions = Questions(broker, Answers(bus), self._publisher, self._why)
        self._snapshots = SnapshotBoard(bus)
        self._status = StatusBoard(bus)
        self._doubt = SnapshotDoubt()
        self.vitals = Vitals(settings.poll_interval_s)
        self._sender = SpoolSender(LandingStream(bus), partial(Spool, settings.spool_file))
        self._quotes = QuoteOutbox(self._publisher, QuoteBoard(bus))
        self._ledger = LineLedger(self._sender.keep)
        self._contracts = ContractBook(broker)
        self.table = LineTable(settings.lines, reserve=settings.lines_reserve)
        self._hours = HoursBook(broker, time.monotonic)
        self.streamer = Streamer(
            broker,
            self._contracts,
            self.table,
            self._ledger,
            self._on_line_quotes,
            self._trades,
            sure,
        )
        self.router = Router(
            self._publisher, self._snapshots, Insertions(self._sender), self._stream
        )
        self.session = Session(broker, self, settings.ib_connect_timeout_s)
        self.poller = Poller(
            broker,
            settings.poll_interval_s,
            self._on_snapshot,
            partial(self.session.on, Event.SILENT),
        )
        self._rows = QuoteRows(self._sender.keep, settings.quote_row_interval_s, time.monotonic)
        self.rotator = Rotator(
            broker, self._contracts, self.table, self._quotes.put, self._rows, self._hours, sure
        )
        self._rotates = settings.rotation
        self._watch_interval_s = settings.watch_interval_s
        self._watched: frozenset[int] = frozenset()
        self._watch = Watch(
            settings.watch,
            settings.watch_interval_s,
            broker,
            self._contracts,
            self.table,
            self.rotator.age_s,
            self._quotes.put,
            self._rows,
        )
        self._hub = HandlerHub()
        self._hub.register(
            DeltaLakePositionWriter(self._sender.keep), settings.stream_row_interval_s
        )
        for handler in handlers:
            self._hub.register(handler)
        broker.listen(self)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, then end cleanly; raises what makes going on impossible."""
        loop = asyncio.get_running_loop()
        commands = CommandListener(
            Commands(self._bus),
            on_command=lambda command: call_on(loop, partial(self.on_command, command)),
            on_gap=lambda: call_on(loop, self._on_gap),
        )
        # In this order a change of the registry is either read or heard of.
        await asyncio.to_thread(commands.start)
        await self._recall()
        tasks = [
            asyncio.create_task(work, name=name)
            for name, work in self._work(self.session.ready).items()
        ]
        stopping = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait((*tasks, stopping), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (*tasks, stopping):
                task.cancel()
            await asyncio.gather(*tasks, stopping, return_exceptions=True)
            await self._end(commands)

    def _work(self, ready: asyncio.Event) -> dict[str, Coroutine[Any, Any, None]]:
        return {
            "session": self.session.run(),
            "poller": self.poller.run(ready),
            "rotator": self.rotator.run(ready),
            "watch": self._watch.run(ready),
            "registry": self._registry.run(),
            "quotes": every(QUOTES_S, self._quotes.flush),
            "silence": every(SILENCE_S, self.streamer.look_for_silence),
            "tick": every(TICK_S, self._tick),
        }

    # What the broker says unasked.

    def on_position(self, position: Position) -> None:
        self.router.push(position)

    def on_line_answered(self, con_id: int) -> None:
        # A line that waits goes before a quote.
        self.streamer.line_answered(con_id)
        self.rotator.look_again()

    def on_line_refused(self, con_id: int, refusal: Refusal) -> None:
        self.streamer.line_refused(con_id, refusal)

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        if upstream in (Upstream.LOST, Upstream.BACK):
            # Also when it is back: a tick that was on its way may have hidden the loss.
            self.streamer.went_blind(reason)
        self.session.on_upstream(upstream, reason)
        if upstream is not Upstream.LOST:
            # Trust, but look: streams may stay dead without a word.
            self.streamer.suspect_all()

    def on_disconnected(self, reason: str) -> None:
        self.session.on(Event.DROPPED, reason)

    # What the session asks for.

    def resume(self) -> None:
        self.streamer.ready()
        self.poller.request()
        asyncio.get_running_loop().call_later(POLL_FIRST_S, self.streamer.step)

    def pause(self) -> None:
        self.streamer.pause()

    def lines_gone(self, reason: str) -> None:
        self.streamer.lines_gone(reason)

    # What others ask for.

    def on_command(self, command: Command) -> None:
        """Act on a command from the bus."""
        log.info("command", command=type(command).__name__)
        match command:
            case RegistryChanged():
                self._registry.request()
            case PollNow():
                self.poller.request(shared=True)
            case WhyAsked() | EvidenceAsked() | ContractsAsked():
                self._questions.take(command)

    def _why(self, con_id: int) -> Why:
        contract = self._contracts.get(con_id)
        label = contract.label if contract is not None else ""
        return explain(
            con_id, label, self.streamer.active, self.table, self.rotator, time.monotonic()
        )

    def _on_gap(self) -> None:
        """Make up for commands that may have been missed."""
        self._registry.request()
        self.poller.request()

    def _on_board_lost(self) -> None:
        """Fill the boards again: Redis was emptied."""
        log.warning("redis was emptied, filling it again")
        self._quotes.repeat()
        self.router.repeat_closed(datetime.now(UTC))
        self.poller.request()

    # Where things go.

    async def _on_snapshot(self, snapshot: Snapshot) -> None:
        self._registry.request()
        held = self.router.portfolio.by_key
        told = {position.key for position in snapshot.positions if position.quantity != 0}
        if not self._doubt.believes(held, told):
            log.warning("snapshot doubted, asking again", held=len(held), told=len(told))
            self.poller.request()
            return
        await self.router.take(snapshot)
        self._learn()
        self._rotate()
        self.streamer.may_look_up = True
        self.streamer.step()

    def _learn(self) -> None:
        """Take contracts from the portfolio: most need no look-up."""
        for position in self.router.portfolio.by_key.values():
            self._contracts.learn(position.contract)

    def _trades(self, contract: Contract) -> bool:
        return self._hours.trades(contract, datetime.now(UTC))

    def _rotate(self) -> None:
        """Say what the rotation is to quote: all that is held or watched, and has no claim."""
        if self._rotates:
            self.rotator.want(
                wishes_of(
                    self.router.portfolio.by_key.values(),
                    self.streamer.active.wanted,
                    self._watch.con_ids,
                    self._watch_interval_s,
                    datetime.now(UTC).date(),
                )
            )

    def _on_line_quotes(self, quotes: Sequence[Quote]) -> None:
        self._quotes.put_all(quotes)
        of, owns = self.router.portfolio.of, self.streamer.active.owns
        self._hub.publish(
            [
                update_of(position, quote, owns(quote.con_id))
                for quote in quotes
                for position in of(quote.con_id)
            ]
        )

    def _stream(self, position: Position) -> None:
        con_id = position.contract.con_id
        quote, owners = self.streamer.quote_of(con_id), self.streamer.active.owns(con_id)
        self._hub.publish([update_of(position, quote, owners)])

    def _on_active(self, active: Active) -> None:
        self.streamer.active = self.router.active = active
        self._learn()
        # Lines first: they take the lines of quotes, not the other way round.
        self.streamer.step()
        self._rotate()

    async def _recall(self) -> None:
        """Take up what an earlier gateway left: the registry and the newest board.

        Where the board is gone with Redis, the lake knows what was held: else what closed meanwhile
        would stay open there for ever.
        """
        self.streamer.active = self.router.active = await self._registry.read()
        with contextlib.suppress(BusError, msgspec.MsgspecError):
            board = await asyncio.to_thread(self._snapshots.all)
            if board is not None:
                self.router.begin(board[1], datetime.now(UTC))
                return
        try:
            held = await asyncio.to_thread(self._book)
        except LakeError as error:
            log.warning("the book was not read: what closed meanwhile may be missed",
                        reason=str(error))  # fmt: skip
            return
        self.router.begin(held, datetime.now(UTC))

    def _tick(self) -> None:
        self.streamer.step()
        if self._watch.con_ids != self._watched:
            self._watched = frozenset(self._watch.con_ids)
            self._rotate()
        self._rows.flush()
        self._ledger.flush()
        loop = asyncio.get_running_loop()
        status = self.status()
        self.vitals.tick(status)
        self._publisher.send(
            partial(self._status.put, status),
            partial(self._look_after_board, loop, self.poller.polled_at is not None),
            slot="status",
        )

    def _look_after_board(self, loop: asyncio.AbstractEventLoop, filled: bool) -> None:
        if filled and self._snapshots.head() is None:
            call_on(loop, self._on_board_lost)

    def status(self) -> GatewayStatus:
        """Say how the gateway stands."""
        return standing(
            self.session,
            self.streamer,
            self.table,
            self.rotator,
            self.poller,
            detail=self.session.detail or self._watch.stale(),
            positions=len(self.router.portfolio.by_key),
            handler_errors=self._hub.errors(),
            updates_lost=self._publisher.lost + self._sender.lost,
            spooled=self._sender.waiting,
        )

    async def _end(self, commands: CommandListener) -> None:
        self.streamer.close_all()
        self._hours.close()
        self._questions.close()
        self.session.on(Event.STOP)
        await self._broker.disconnect()
        self._ledger.flush()
        self._quotes.flush()
        self._rows.flush()
        await asyncio.to_thread(commands.close)
        await asyncio.to_thread(self._hub.close)
        self._publisher.send(partial(self._status.put, self.status()), slot="status")
        await asyncio.to_thread(self._publisher.close)
        await asyncio.to_thread(self._sender.close)
        log.info("gateway ended")
