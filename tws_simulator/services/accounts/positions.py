"""Positions: the whole portfolio on request, and every change until the client cancels."""

from __future__ import annotations

from collections import deque

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.position import Position
from tws_simulator.services.accounts.poll_faults import PollFault, arranged
from tws_simulator.services.accounts.position_answers import Asked, send_positions
from tws_simulator.services.accounts.readiness import Readiness
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.resolve import Refused
from tws_simulator.wire.account_replies import position, position_end
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.system_replies import NO_ID

#: Positions of more accounts are sent only by account (IB documentation).
MAX_ACCOUNTS = 50
TOO_MANY_ACCOUNTS = (
    "Positions info is not available for more than 50 accounts: request it by account or model"
)


class Positions:
    """Answer requests for positions and push changes."""

    def __init__(self, accounts: Accounts, readiness: Readiness) -> None:
        self._accounts = accounts
        self._readiness = readiness
        self._subscribers: dict[int, Client] = {}
        self._rows: dict[tuple[str, int], tuple[Position, bytes]] = {}
        self._answer: tuple[int, bytes] | None = None
        #: This many of the next answers get no end.
        self.ends_to_withhold = 0
        #: How the next answers go wrong.
        self.faults: deque[PollFault] = deque()
        accounts.listen(self._push)

    def subscribe(self, client: Client, now: float) -> None:
        """Send all positions, then their end; changes follow until the client cancels.

        Raises Refused where there are too many accounts for it.
        """
        if len(self._accounts.names) > MAX_ACCOUNTS:
            raise Refused(ErrorCode.VALIDATING, TOO_MANY_ACCOUNTS)
        answer = self._readiness.positions(client, now)
        if answer is None or not answer.refuses:
            self._subscribers[client.client_id] = client
        whole = self._whole_answer()
        if answer is not None:
            rows = list(self._rows.values())
            send_positions(answer, Asked(client, NO_ID, rows, position_end()), now)
            return
        if self.faults:
            self._answer_wrongly(client, now)
            return
        client.send(whole)
        if self.ends_to_withhold:
            self.ends_to_withhold -= 1
        else:
            client.send(position_end())

    def unsubscribe(self, client: Client) -> None:
        """Push no more changes."""
        self._subscribers.pop(client.client_id, None)

    def deliver(self, client: Client, now: float) -> None:
        """Send the truth to a client that asked before it was known."""
        if self._subscribers.get(client.client_id) is client:
            client.send(self._whole_answer(), position_end())

    def _answer_wrongly(self, client: Client, now: float) -> None:
        """Send all positions in the way of the next fault."""
        fault = self.faults.popleft()
        for step in arranged(fault, list(self._rows.values()), position_end()):
            if isinstance(step, bytes):
                client.send(step)
            else:
                self._accounts.set_position(
                    step.held.account, step.held.contract, step.quantity, now
                )

    def _whole_answer(self) -> bytes:
        """Encode all positions; what has not changed is not encoded again."""
        version = self._accounts.version
        if self._answer is None or self._answer[0] != version:
            rows = {}
            for held in self._accounts.positions():
                key = (held.account, held.contract.con_id)
                known = self._rows.get(key)
                rows[key] = known if known and known[0] is held else (held, position(held))
            self._rows = rows
            self._answer = (version, b"".join(encoded for _, encoded in rows.values()))
        return self._answer[1]

    def _push(self, changed: Position, now: float) -> None:
        for client in self._subscribers.values():
            if self._readiness.pushes(client, changed.account, now):
                client.send(position(changed))
