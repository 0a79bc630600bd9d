"""Positions by account and model: a request id for each, pushed until it is cancelled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.models import Models
from tws_simulator.book.position import Position
from tws_simulator.services.accounts.position_answers import Asked, send_positions
from tws_simulator.services.accounts.readiness import Readiness
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.resolve import Refused
from tws_simulator.wire.account_replies import position_multi, position_multi_end
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.requests import AccountRequest

#: An account of this name, or of none, stands for all.
ALL = ("", "All")


@dataclass(slots=True)
class _Subscription:
    client: Client
    request: AccountRequest
    #: What was sent last, by account and contract, then model.
    sent: dict[tuple[str, int], dict[str, Position]] = field(default_factory=dict)


class PositionsMulti:
    """Answer requests and push changes."""

    def __init__(self, accounts: Accounts, models: Models, readiness: Readiness) -> None:
        self._accounts = accounts
        self._readiness = readiness
        self._models = models
        self._open: dict[tuple[int, int], _Subscription] = {}
        #: This many of the next answers get no end.
        self.ends_to_withhold = 0
        models.listen(self._on_change)

    def subscribe(self, client: Client, request: AccountRequest, now: float) -> None:
        """Send the positions of an account, or of all, then their end; raises Refused."""
        if request.account not in (*ALL, *self._accounts.names):
            raise Refused(ErrorCode.VALIDATING, "Invalid account code")
        opened = _Subscription(client, request)
        answer = self._readiness.positions(client, now)
        if answer is None or not answer.refuses:
            self._open[client.client_id, request.req_id] = opened
        account = None if request.account in ALL else request.account
        rows = [(h, r) for h in self._accounts.positions(account) for r in self._rows(opened, h)]
        if answer is not None:
            end = position_multi_end(request.req_id)
            send_positions(answer, Asked(client, request.req_id, rows, end), now)
            return
        client.send(*(row for _, row in rows))
        if self.ends_to_withhold:
            self.ends_to_withhold -= 1
        else:
            client.send(position_multi_end(request.req_id))

    def unsubscribe(self, client: Client, req_id: int) -> None:
        """Push no more changes."""
        self._open.pop((client.client_id, req_id), None)

    def leave(self, client: Client) -> None:
        """Drop a client's subscriptions."""
        for key in [key for key in self._open if key[0] == client.client_id]:
            del self._open[key]

    def _on_change(self, held: Position, now: float) -> None:
        for opened in self._open.values():
            if opened.request.account in (*ALL, held.account):
                rows = self._rows(opened, held)
                if self._readiness.pushes(opened.client, held.account, now):
                    opened.client.send(*rows)

    def _rows(self, opened: _Subscription, held: Position) -> list[bytes]:
        """Encode the parts of a position that are others than those sent last."""
        asked = opened.request.model
        parts = {m: p for m, p in self._models.parts(held).items() if asked in ("", m)}
        sent = opened.sent.pop((held.account, held.contract.con_id), {})
        if parts:
            opened.sent[held.account, held.contract.con_id] = parts
        gone = {model: replace(held, quantity=Decimal(0)) for model in sent.keys() - parts.keys()}
        return [
            position_multi(opened.request.req_id, part, model)
            for model, part in (parts | gone).items()
            if sent.get(model) != part
        ]
