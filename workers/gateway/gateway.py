"""Gateway: start, work and end of the process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from slotwise.bus.client import Bus
from slotwise.bus.commands import Command, Commands
from slotwise.bus.status import GatewayStatus
from slotwise.bus.witness_status import WitnessStatus
from slotwise.contract_details import KeptContract
from slotwise.handlers import Handler
from slotwise.portfolio.opening import Openings
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.settings import Settings
from workers.gateway.active_contracts import RegistryReader
from workers.gateway.aio import call_on, every
from workers.gateway.broker import Broker
from workers.gateway.command_handler import CommandHandler
from workers.gateway.command_listener import CommandListener
from workers.gateway.health import GatewayHealth
from workers.gateway.marks.profit_witness import ProfitWitness
from workers.gateway.marks.witness import MarkWitness
from workers.gateway.reactions import Reactions
from workers.gateway.recall import recall
from workers.gateway.registry_watch import RegistryWatch
from workers.gateway.session.states import Event
from workers.gateway.status_reporter import StatusReporter
from workers.gateway.tws_events import TwsEvents
from workers.gateway.wiring import build

log = structlog.get_logger(__name__)

#: Quotes go to the board together this often, seconds.
QUOTES_S = 0.25
#: Lines are looked over for silence this often, seconds: a dead one is missed no longer than it
#: has patience.
SILENCE_S = 0.25
#: Status and line events are published, and lines looked over, this often, seconds.
TICK_S = 1.0
#: A condition that begins or ends is published after this, seconds: its refusals come together.
SOON_S = 0.2
#: The names of accounts that others mask are published this often, seconds.
ACCOUNTS_S = 5.0


class Gateway:
    """The owner of the connection and the lines."""

    def __init__(
        self,
        settings: Settings,
        broker: Broker,
        bus: Bus,
        registry: RegistryReader,
        handlers: Iterable[Handler] = (),
        is_leader: Callable[[], bool] = lambda: True,
        book: Callable[[], Sequence[Position]] = tuple,
        kept_contracts: Callable[[], Sequence[KeptContract]] = tuple,
        quotes_in_lake: Callable[[], Mapping[int, Quote]] = dict,
        openings: Callable[[datetime], Openings] = lambda at: Openings(),
    ) -> None:
        self._bus, self._book, self._broker = bus, book, broker
        self._registry = RegistryWatch(registry, lambda active: self._reactions.on_active(active))
        self._reactions = Reactions(settings, self._registry.request)
        self._parts = build(
            settings,
            broker,
            bus,
            self._reactions,
            handlers=handlers,
            is_leader=is_leader,
            kept_contracts=kept_contracts,
            quotes_in_lake=quotes_in_lake,
        )
        self._outbox, self.session = self._parts.outbox, self._parts.session
        self._quotes = self._outbox.quotes
        lines, positions = self._parts.lines, self._parts.positions
        self.table, self.streamer, self.rotator = lines.table, lines.streamer, lines.rotator
        self.router, self.poller, self.holdings = (
            positions.router,
            positions.poller,
            positions.holdings,
        )
        self._known, self._watch, self._rates = lines.contracts, lines.watch, lines.rates
        self.marks = self._parts.marks
        self._contracts = lines.contracts.book
        self._commands = CommandHandler(self._parts, self._registry, book)
        self.witness = self._build_witness(openings) if settings.account_marks else None
        self._status = StatusReporter(
            self._parts,
            address=f"{settings.ib_host}:{settings.ib_port}",
            on_board_lost=self._commands.on_board_lost,
            witness=WitnessStatus if self.witness is None else self.witness.status,
        )
        self._reactions.on_condition = self._publish_soon
        self._soon: asyncio.TimerHandle | None = None
        self.health = GatewayHealth(settings.poll_interval_s)
        broker.listen(TwsEvents(self._parts))

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, then end cleanly; raises what makes going on impossible."""
        loop = asyncio.get_running_loop()
        commands = CommandListener(
            Commands(self._bus),
            on_command=lambda command: call_on(loop, partial(self.on_command, command)),
            on_gap=lambda: call_on(loop, self._commands.on_gap),
        )
        # In this order a change of the registry is either read or received.
        await asyncio.to_thread(commands.start)
        try:
            await self._recall()
        except BaseException:
            await asyncio.to_thread(commands.close)
            raise
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

    def on_command(self, command: Command) -> None:
        """Act on a command from the bus."""
        self._commands.handle(command)

    def status(self) -> GatewayStatus:
        """Return the status of the gateway as of now."""
        return self._status.read()

    def _work(self, ready: asyncio.Event) -> dict[str, Coroutine[Any, Any, None]]:
        return {
            "session": self.session.run(),
            "poller": self.poller.run(ready),
            "holdings": self.holdings.run(ready),
            "rotator": self.rotator.run(ready),
            "contracts": self._known.fetch.run(ready),
            "rates": self._rates.run(ready),
            "executions": self._parts.positions.executions.run(ready),
            "watch": self._watch.run(ready),
            "marks": self.marks.run(),
            **({} if self.witness is None else self.witness.work(ready)),
            "registry": self._registry.run(),
            "quotes": every(QUOTES_S, self._quotes.flush),
            "silence": every(SILENCE_S, self.streamer.look_for_silence),
            "tick": every(TICK_S, self._tick),
            "accounts": every(ACCOUNTS_S, self._status.publish_accounts),
        }

    def _build_witness(self, openings: Callable[[datetime], Openings]) -> MarkWitness:
        hours, router = self._parts.lines.contracts.hours, self.router
        profits = ProfitWitness(
            self._broker,
            held=lambda: tuple(router.portfolio.by_key.values()),
            quote_of=self._quotes.newest,
            mark_of=self.marks.marked,
            rates=lambda: self._rates.rates,
            openings=openings,
        )
        return MarkWitness(
            self._broker,
            held=lambda: router.portfolio.by_key,
            quote_of=self._quotes.newest,
            mark_of=self.marks.marked,
            is_open=lambda contract: hours.closed_until(contract, datetime.now(UTC)) is None,
            profits=profits,
        )

    async def _recall(self) -> None:
        """Take up what an earlier gateway left: the registry, the board, and the lake's book."""
        active, _ = await asyncio.gather(self._registry.begin(), self._known.recall())
        self._reactions.set_active(active)
        begun = await asyncio.to_thread(
            recall, self._outbox.snapshots, self._book, self._outbox.sender.epoch
        )
        self._broker.numbering.begin(begun.epoch)
        self.router.begin(begun.positions, datetime.now(UTC), begun.unconfirmed)

    def _tick(self) -> None:
        self.streamer.step()
        self.streamer.sightings.look(datetime.now(UTC))
        self._reactions.look_for_news()
        self._outbox.rows.keep_lines(
            (line.contract, line.quote) for line in self.table.held.values()
        )
        self._outbox.rows.flush()
        self._outbox.ledger.flush()
        self._known.flush()
        status = self.status()
        self.health.tick(status)
        self._status.publish(status)

    def _publish_soon(self) -> None:
        """Publish a status before the next tick, once for all that changes until then."""
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON_S, self._publish_now)

    def _publish_now(self) -> None:
        self._soon = None
        self._status.publish(self.status())

    async def _end(self, commands: CommandListener) -> None:
        self.streamer.close_all()
        self.holdings.close()
        self._commands.close()
        self._known.close()
        self._parts.questions.close()
        self.session.on(Event.STOP)
        await self._broker.disconnect()
        self._outbox.ledger.flush()
        self._quotes.flush()
        self._outbox.rows.flush()
        self._known.flush()
        await asyncio.to_thread(commands.close)
        await asyncio.to_thread(self._outbox.hub.close)
        self._status.publish_last()
        await asyncio.to_thread(self._outbox.publisher.close)
        await asyncio.to_thread(self._outbox.sender.close)
        log.info("gateway ended")
