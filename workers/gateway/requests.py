"""Questions of other processes to the gateway, and its answers over the bus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import msgspec

from slotwise.bus.commands import ContractsAsked, EvidenceAsked, WhyAsked
from slotwise.bus.replies import Answers
from slotwise.bus.status import Why
from workers.gateway.background_tasks import BackgroundTasks
from workers.gateway.broker import Broker
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.evidence import gather
from workers.gateway.leg_lookup import look_up
from workers.gateway.outbox.publisher import Publisher


class Questions:
    """Answers to requests: at once where the gateway has the data, else from TWS."""

    def __init__(
        self,
        broker: Broker,
        book: ContractCache,
        answers: Answers,
        publisher: Publisher,
        why: Callable[[int], Why],
    ) -> None:
        self._broker = broker
        self._book = book
        self._answers = answers
        self._publisher = publisher
        self._why = why
        self._background_tasks = BackgroundTasks()

    def take(self, asked: WhyAsked | EvidenceAsked | ContractsAsked) -> None:
        """Take a question; its answer goes out when there is one."""
        match asked:
            case WhyAsked(question=question, con_id=con_id):
                self._give(question, self._why(con_id))
            case EvidenceAsked(question=question, con_ids=con_ids):
                self._background_tasks.start(self._later(question, gather(self._broker, con_ids)))
            case ContractsAsked(question=question, legs=legs):
                self._background_tasks.start(
                    self._later(question, look_up(self._broker, self._book, legs))
                )

    def close(self) -> None:
        """Drop the requests under way, without an answer."""
        self._background_tasks.close()

    async def _later(self, question: str, work: Awaitable[msgspec.Struct]) -> None:
        self._give(question, await work)

    def _give(self, question: str, answer: msgspec.Struct) -> None:
        self._publisher.send(partial(self._answers.give, question, answer))
