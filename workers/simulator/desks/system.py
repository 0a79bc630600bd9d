"""The session itself: its start."""

from __future__ import annotations

from workers.simulator.book.accounts import Accounts
from workers.simulator.desks.client import Client
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.wire.system_replies import managed_accounts, next_valid_id

#: What every client is told at first, as captured from TWS.
NOTICES = (
    (ErrorCode.MARKET_FARM_OK, "Market data farm connection is OK:usfarm"),
    (ErrorCode.MARKET_FARM_OK, "Market data farm connection is OK:usopt"),
    (ErrorCode.HISTORICAL_FARM_OK, "HMDS data farm connection is OK:ushmds"),
    (ErrorCode.SEC_DEF_FARM_OK, "Sec-def data farm connection is OK:secdefil"),
)


def welcome(client: Client, accounts: Accounts, order_id: int, now: float) -> None:
    """Send what makes a client ready: accounts, order id, notices."""
    client.send(managed_accounts(accounts.names), next_valid_id(order_id))
    for code, text in NOTICES:
        client.notice(code, text, now)
