"""Positions: the whole portfolio on request, and every change until the client cancels."""

from __future__ import annotations

from collections import deque

from workers.simulator.book.accounts import Accounts
from workers.simulator.book.position import Position
from workers.simulator.desks.client import Client
from workers.simulator.desks.poll_faults import PollFault, arranged
from workers.simulator.desks.resolve import Refused
from workers.simulator.wire.account_replies import position, position_end
from workers.simulator.wire.ids import ErrorCode

#: Positions of more accounts are told only by account (IB documentation).
MAX_ACCOUNTS = 50
TOO_MANY_ACCOUNTS = (
    "Positions info is not available for more than 50 accounts: request it by account or model"
)


class Positions:
    """Answer requests for positions and push changes."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._subscribers: dict[int, Client] = {}
        self._rows: dict[tuple[str, int], tuple[Position, bytes]] = {}
        self._answer: tuple[int, bytes] | None = None
        #: So many of the next answers get no end.
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
        self._subscribers[client.client_id] = client
        whole = self._whole_answer()
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
            client.send(position(changed))
