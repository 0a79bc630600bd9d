"""Evidence: other data of the broker on contracts whose position is in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.contract import Contract

#: What IB gives as client id and order id of a trade that no API client made.
TWS_CLIENT = 0


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one execution of the day; `quantity` is signed, `price` is per unit.

    `client_id` and `order_id` name the API client's order; a trade by hand has client id 0.
    """

    exec_id: str
    account: str
    con_id: int
    quantity: Decimal
    price: Decimal
    at: datetime
    client_id: int
    order_id: int
    #: The contract in words, and its currency; empty where they are unknown.
    symbol: str = ""
    currency: str = ""
    order_ref: str = ""
    #: None while TWS has not sent it.
    commission: Decimal | None = None
    commission_currency: str = ""

    @property
    def side(self) -> str:
        """Return the side as TWS names it."""
        return "BOT" if self.quantity > 0 else "SLD"

    @property
    def stem(self) -> str:
        """Return what corrections of an execution share: its id without the last number."""
        return self.exec_id.rpartition(".")[0] or self.exec_id

    @property
    def number(self) -> int:
        """Return the number of a correction; the highest of a stem counts."""
        try:
            return int(self.exec_id.rpartition(".")[2], 16)
        except ValueError:
            return -1

    @property
    def is_by_hand(self) -> bool:
        return self.client_id == TWS_CLIENT


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Hold the broker's word on some contracts, asked for at `asked_at`.

    `contracts` has None for an id that TWS knows no more; an id that could not be asked is absent.
    `executions` is None where TWS did not give them.
    """

    asked_at: datetime
    accounts: tuple[str, ...] = ()
    executions: tuple[Execution, ...] | None = None
    contracts: Mapping[int, Contract | None] = {}


def no_evidence(asked_at: datetime) -> Evidence:
    """Return empty evidence: the gateway gave no answer."""
    return Evidence(asked_at=asked_at)
