"""Legs asked of the gateway, and the contracts they may mean."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, ContractsAsked
from slotwise.bus.replies import Answers
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.errors import BrokerTimeoutError
from slotwise.leg import Leg
from slotwise.rules.leg_resolution import AllCandidates, LegCandidates

#: An answer takes this long at least, seconds, and this much more a leg: each is a message to TWS.
FIRST_S, EACH_S = 15.0, 0.2
#: Where no gateway has published its state, one may just be starting: wait this long, seconds.
STARTING_S = 3.0


class ContractBoard:
    """Ask the gateway what legs mean."""

    def __init__(self, bus: Bus) -> None:
        self._commands = Commands(bus)
        self._answers = Answers(bus)
        self._status = StatusBoard(bus)

    def ask(self, legs: Sequence[Leg], timeout_s: float | None = None) -> tuple[LegCandidates, ...]:
        """Ask what legs mean; raises BrokerTimeoutError when no gateway answers in time."""
        question = secrets.token_hex(8)
        self._commands.send(ContractsAsked(question, tuple(legs)))
        if timeout_s is None:
            runs = self._status.get(GatewayStatus) is not None
            timeout_s = FIRST_S + EACH_S * len(legs) if runs else STARTING_S
        answer = self._answers.wait(question, AllCandidates, timeout_s)
        if answer is None:
            raise BrokerTimeoutError(
                "no gateway answers, and only it can ask TWS for contracts: start one with"
                " slotwise gateway or slotwise up"
            )
        return answer.of
