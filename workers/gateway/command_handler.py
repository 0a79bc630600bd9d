"""CommandHandler: commands of other processes to the gateway, over the bus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from slotwise.bus.commands import (
    Command,
    CompareBook,
    ContractsAsked,
    EvidenceAsked,
    PollNow,
    RegistryChanged,
    WhyAsked,
)
from slotwise.position import Position
from workers.gateway.background_tasks import BackgroundTasks
from workers.gateway.parts import Parts
from workers.gateway.recall import of_lake
from workers.gateway.registry_watch import RegistryWatch

log = structlog.get_logger(__name__)


class CommandHandler:
    """Act on commands, and repeat the work of those that were missed."""

    def __init__(
        self,
        parts: Parts,
        registry: RegistryWatch,
        book: Callable[[], Sequence[Position]],
    ) -> None:
        self._positions, self._quotes = parts.positions, parts.outbox.quotes
        self._questions, self._marks = parts.questions, parts.marks
        self._registry = registry
        self._book = book
        self._background_tasks = BackgroundTasks()

    def handle(self, command: Command) -> None:
        """Act on a command from the bus."""
        log.info("command", command=type(command).__name__)
        match command:
            case RegistryChanged(change=change):
                self._registry.follow(change)
            case PollNow(question=question):
                self._positions.poller.request(shared=True, question=question)
            case CompareBook():
                self._background_tasks.start(self._compare_book())
            case WhyAsked() | EvidenceAsked() | ContractsAsked():
                self._questions.take(command)

    def on_gap(self) -> None:
        """Do the work of commands that may have been missed."""
        self._registry.request()
        self._positions.poller.request()

    def on_board_lost(self) -> None:
        """Fill the boards again: Redis was emptied."""
        log.warning("redis was emptied, filling it again")
        self._quotes.repeat()
        self._marks.repeat()
        self._positions.poller.request()

    def close(self) -> None:
        """End the comparison under way."""
        self._background_tasks.close()

    async def _compare_book(self) -> None:
        """Close what is open in the lake and not held here, by the rule of `closings`."""
        adopted = self._positions.router.adopt(await asyncio.to_thread(of_lake, self._book))
        log.info("compared with the book", open_in_lake_only=adopted)
        self._positions.poller.request()
