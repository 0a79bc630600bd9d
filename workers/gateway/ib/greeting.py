"""TWS's messages during the greeting, and the reason for a failed connection, in one line.

ib_async makes the greeting; it offers versions 157 to 178, all of them text. TWS answers with the
version both use. Newer clients speak protobuf from 201 on, and TWS may drop text some day: it then
closes the connection before it has named a version, or names one that was not offered.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence

from ib_async.client import Client

from slotwise.errors import BrokerUnreachableError, ClientRefusedError, NotLoggedInError

#: Versions of the wire protocol that ib_async offers.
LOWEST, HIGHEST = int(Client.MinClientVersion), int(Client.MaxClientVersion)
#: Where TWS named no account, the list of accounts is waited for this long, seconds: it may come
#: when a user logs in, and a new connection costs as little.
ACCOUNTS_S = 3.0


class Greeting:
    """The messages of one greeting, and the reason where it failed."""

    def __init__(self, host: str, port: int, client_id: int) -> None:
        self.where = f"{host}:{port}"
        self.client_id = client_id
        self.version: int | None = None
        #: The accounts TWS named; None while it named none.
        self.accounts: Sequence[str] | None = None
        #: Set when waiting longer makes no sense: the version is refused, or no user is logged in.
        self.is_hopeless = asyncio.Event()

    def read(self, data: bytes) -> bool:
        """Read TWS's first message, once it is whole; False where its version was not offered."""
        if len(data) < 4:
            return True
        (length,) = struct.unpack(">I", data[:4])
        version, _, _ = data[4 : 4 + length].partition(b"\0")
        if len(data) < 4 + length or not version.isdigit():
            return True
        self.version = int(version)
        if LOWEST <= self.version <= HIGHEST:
            return True
        self.is_hopeless.set()
        return False

    def named(self, accounts: Sequence[str]) -> None:
        """Note the accounts of the login."""
        self.accounts = accounts
        if accounts:
            return
        # Called while bytes are read, so on the loop.
        asyncio.get_running_loop().call_later(ACCOUNTS_S, self._give_up)

    def _give_up(self) -> None:
        if not self.accounts:
            self.is_hopeless.set()

    def why_unreachable(self, error: OSError) -> BrokerUnreachableError:
        """Return the error for an address where nothing listens."""
        reason = (
            "connection refused"
            if isinstance(error, ConnectionRefusedError)
            else error.strerror or str(error)
        )
        return BrokerUnreachableError(
            f"no TWS or IB Gateway answers at {self.where} ({reason}): start it, enable its API, "
            "or set SLOTWISE_IB_HOST and SLOTWISE_IB_PORT",
            reason,
        )

    def why_unfinished(self) -> BrokerUnreachableError:
        """Return the error for a greeting that did not end."""
        if self.version is None:
            return BrokerUnreachableError(
                f"something listens at {self.where} but does not greet as TWS does: is that the "
                "API port, and does TWS accept this machine?"
            )
        if not LOWEST <= self.version <= HIGHEST:
            return ClientRefusedError(
                f"TWS at {self.where} speaks API version {self.version}, and Slotwise {LOWEST} to "
                f"{HIGHEST}: use a TWS or IB Gateway that still accepts these, or upgrade Slotwise"
            )
        if self.accounts is None:
            return BrokerUnreachableError(
                f"TWS at {self.where} began to greet and named no account: it may be starting, or "
                "wait for a login"
            )
        return NotLoggedInError(
            f"TWS at {self.where} is not logged in yet: it names no account, and is asked again "
            "until it does"
        )

    def why_closed(self, close_reason: str, last_words: str = "") -> BrokerUnreachableError:
        """Return the error for a connection that TWS closed during the greeting.

        `close_reason` is what it said of the client id, `last_words` what it said else.
        """
        if close_reason:
            return ClientRefusedError(
                f"TWS at {self.where} refuses client id {self.client_id}: {close_reason} "
                "Set SLOTWISE_IB_CLIENT_ID to one that is free"
            )
        if last_words:
            return ClientRefusedError(
                f"TWS at {self.where} closed the connection as it greeted, after {last_words}"
            )
        if self.version is not None:
            return self.why_unfinished()
        return ClientRefusedError(
            f"{self.where} closed the connection before it greeted: is it the API port of TWS, is "
            "its API enabled for this machine, and does this TWS still accept API versions "
            f"{LOWEST} to {HIGHEST}?"
        )
