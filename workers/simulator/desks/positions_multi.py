"""Positions by account and model: a request id for each, pushed until it is cancelled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from workers.simulator.book.accounts import Accounts
from workers.simulator.book.models import Models
from workers.simulator.book.position import Position
from workers.simulator.desks.client import Client
from workers.simulator.desks.resolve import Refused
from workers.simulator.wire.account_replies import position_multi, position_multi_end
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.wire.requests import AccountRequest

#: An account of this name, or of none, stands for all.
ALL = ("", "All")


@dataclass(slots=True)
class _Subscription:
    client: Client
    request: AccountRequest
    #: What was told last, by account and contract, then model.
    told: dict[tuple[str, int], dict[str, Position]] = field(default_factory=dict)


class PositionsMulti:
    """Answer requests and push changes."""

    def __init__(self, accounts: Accounts, models: Models) -> None:
        self._accounts = accounts
        self._models = models
        self._open: dict[tuple[int, int], _Subscription] = {}
        #: So many of the next answers get no end.
        self.ends_to_withhold = 0
        models.listen(self._changed)

    def subscribe(self, client: Client, request: AccountRequest, now: float) -> None:
        """Send the positions of an account, or of all, then their end; raises Refused."""
        if request.account not in (*ALL, *self._accounts.names):
            raise Refused(ErrorCode.VALIDATING, "Invalid account code")
        opened = _Subscription(client, request)
        self._open[client.client_id, request.req_id] = opened
        account = None if request.account in ALL else request.account
        for held in self._accounts.positions(account):
            self._tell(opened, held)
        if self.ends_to_withhold:
            self.ends_to_withhold -= 1
        else:
            client.send(position_multi_end(request.req_id))

    def unsubscribe(self, client: Client, req_id: int) -> None:
        """Push no more changes."""
        self._open.pop((client.client_id, req_id), None)

    def leave(self, client: Client) -> None:
        """Forget a client's subscriptions."""
        for key in [key for key in self._open if key[0] == client.client_id]:
            del self._open[key]

    def _changed(self, held: Position, now: float) -> None:
        for opened in self._open.values():
            if opened.request.account in (*ALL, held.account):
                self._tell(opened, held)

    def _tell(self, opened: _Subscription, held: Position) -> None:
        """Send the parts of a position that are others than told last."""
        asked = opened.request.model
        parts = {m: p for m, p in self._models.parts(held).items() if asked in ("", m)}
        told = opened.told.pop((held.account, held.contract.con_id), {})
        if parts:
            opened.told[held.account, held.contract.con_id] = parts
        gone = {model: replace(held, quantity=Decimal(0)) for model in told.keys() - parts.keys()}
        for model, part in (parts | gone).items():
            if told.get(model) != part:
                opened.client.send(position_multi(opened.request.req_id, part, model))
