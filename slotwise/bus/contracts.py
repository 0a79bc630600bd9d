"""Legs asked of the gateway, and the contracts they may mean."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from slotwise.bus.answers import Answers
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, ContractsAsked
from slotwise.errors import BrokerTimeoutError
from slotwise.leg import Leg
from slotwise.legs_meant import Meaning, Meanings

#: An answer takes this long at least, seconds, and so much more a leg: each is a message to TWS.
FIRST_S, EACH_S = 15.0, 0.2


class ContractBoard:
    """Ask the gateway what legs mean."""

    def __init__(self, bus: Bus) -> None:
        self._commands = Commands(bus)
        self._answers = Answers(bus)

    def ask(self, legs: Sequence[Leg], timeout_s: float | None = None) -> tuple[Meaning, ...]:
        """Ask what legs mean; raises BrokerTimeoutError when no gateway answers in time."""
        question = secrets.token_hex(8)
        self._commands.send(ContractsAsked(question, tuple(legs)))
        wait_s = FIRST_S + EACH_S * len(legs) if timeout_s is None else timeout_s
        answer = self._answers.wait(question, Meanings, wait_s)
        if answer is None:
            raise BrokerTimeoutError(
                "no gateway answers, and only it can ask TWS what a leg means: start one, or name"
                " legs by contract id"
            )
        return answer.of
