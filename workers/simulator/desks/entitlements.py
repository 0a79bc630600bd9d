"""Market data that the login may not see, and what TWS says instead."""

from __future__ import annotations

from collections.abc import Mapping

from workers.simulator.desks.resolve import Refused
from workers.simulator.wire.ids import ErrorCode

#: What is said, by code.
TEXTS: Mapping[int, str] = {
    ErrorCode.NOT_SUBSCRIBED: "Requested market data is not subscribed.",
    ErrorCode.SUBSCRIPTION_FOR_API: (
        "Requested market data requires additional subscription for API. "
        "See link in 'Market Data Connections' dialog for more details."
    ),
    ErrorCode.DELAYED_NOT_ENABLED: (
        "Requested market data is not subscribed. Delayed market data is not enabled."
    ),
    ErrorCode.COMPETING_SESSION: "No market data during competing live session",
}


class Entitlements:
    """Refuse market data of some contracts, or of all while another session competes."""

    def __init__(self) -> None:
        self._denied: dict[int, ErrorCode] = {}
        #: Whether the same user is logged in elsewhere.
        self.competing = False

    def deny(self, con_id: int, code: ErrorCode) -> None:
        """Refuse a contract's data from now on; requests that are open go on."""
        self._denied[con_id] = code

    def grant(self, con_id: int) -> None:
        """Refuse a contract's data no longer."""
        self._denied.pop(con_id, None)

    def check(self, con_id: int) -> None:
        """Raise Refused where there is no data of a contract."""
        code = ErrorCode.COMPETING_SESSION if self.competing else self._denied.get(con_id)
        if code is not None:
            raise Refused(code, TEXTS[code])
