"""The session itself: its start."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from tws_simulator.services.common.client import Client
from tws_simulator.services.common.notices import Notice
from tws_simulator.services.common.recovery import WayBack
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.system_replies import managed_accounts, next_valid_id

#: What every client is sent at first, as captured from TWS.
NOTICES = (
    Notice(ErrorCode.MARKET_FARM_OK, "usfarm"),
    Notice(ErrorCode.MARKET_FARM_OK, "usopt"),
    Notice(ErrorCode.HISTORICAL_FARM_OK, "ushmds"),
    Notice(ErrorCode.SEC_DEF_FARM_OK, "secdefil"),
)


@dataclass(slots=True)
class Start:
    """Hold what a client is sent when it starts, and how many clients still are.

    With `first` the notices come before accounts and order id, with `effect` they are true, and
    `back` then says how that ends.
    """

    notices: tuple[Notice, ...] = NOTICES
    first: bool = False
    effect: bool = False
    back: WayBack | None = None
    left: float = inf
    #: Called when a client was greeted so.
    then: Callable[[float], None] | None = None


def welcome(
    client: Client, start: Start, accounts: Iterable[str] | None, order_id: int, now: float
) -> None:
    """Send what makes a client ready: accounts (None sends none), order id, notices."""
    ready = [next_valid_id(order_id)]
    if accounts is not None:
        ready.insert(0, managed_accounts(accounts))
    if not start.first:
        client.send(*ready)
    for notice in start.notices:
        client.notice(notice.code, notice.words, now)
    if start.first:
        client.send(*ready)
