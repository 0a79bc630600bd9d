"""What a handler receives besides updates: whether its contracts are seen, and the connection."""

from __future__ import annotations

from datetime import datetime

import msgspec

from slotwise.condition import Condition
from slotwise.contract import Contract


class ContractUnseen(msgspec.Struct, frozen=True, kw_only=True):
    """An active contract whose ticks do not come any more, or not yet.

    `since` is its last tick, or when it was first wanted; `reason` is a line for people.
    """

    contract: Contract
    since: datetime
    reason: str


class ContractSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An active contract whose ticks come again; it was not seen between the two times."""

    contract: Contract
    unseen_since: datetime
    at: datetime


class ConnectionState(msgspec.Struct, frozen=True, kw_only=True):
    """The connection to TWS, and what keeps the gateway from a part of its work.

    While it is not ready no update comes, and none is missing from what came before.
    """

    state: str
    is_ready: bool
    reason: str
    at: datetime
    conditions: tuple[Condition, ...] = ()
