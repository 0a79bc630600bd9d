"""Market data that the login may not see, and what TWS says instead.

| the login has | asked for live (types 1, 2)     | asked for delayed (types 3, 4) |
|---------------|---------------------------------|--------------------------------|
| live data     | live                            | live                           |
| delayed data  | refused: 354, 10089 or 10168    | 10167, then delayed            |
| none          | refused: 354, 10089 or 10168    | refused with the same          |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workers.simulator.desks.resolve import Refused
from workers.simulator.desks.view import DELAYED, DELAYED_FROZEN
from workers.simulator.wire.ids import ErrorCode

#: What is said, by code.
TEXTS: Mapping[int, str] = {
    ErrorCode.NOT_SUBSCRIBED: "Requested market data is not subscribed.",
    ErrorCode.SUBSCRIPTION_FOR_API: (
        "Requested market data requires additional subscription for API. "
        "See link in 'Market Data Connections' dialog for more details."
    ),
    ErrorCode.DISPLAYING_DELAYED: (
        "Requested market data is not subscribed. Displaying delayed market data."
    ),
    ErrorCode.DELAYED_NOT_ENABLED: (
        "Requested market data is not subscribed. Delayed market data is not enabled."
    ),
    ErrorCode.COMPETING_SESSION: "No market data during competing live session",
}
#: Codes that leave delayed data, if nothing else is said: only 354 can mean that there is none.
LEAVES_DELAYED = frozenset((ErrorCode.SUBSCRIPTION_FOR_API, ErrorCode.DELAYED_NOT_ENABLED))


@dataclass(frozen=True, slots=True)
class _Denial:
    code: ErrorCode
    #: Whether there is delayed data at least.
    delayed: bool


class Entitlements:
    """Know what the login may see of each contract; nothing while another session competes."""

    def __init__(self) -> None:
        self._denied: dict[int, _Denial] = {}
        #: Whether the same user is logged in elsewhere.
        self.competing = False

    def deny(self, con_id: int, code: ErrorCode, *, delayed: bool | None = None) -> None:
        """Refuse a contract's live data from now on; requests that are open go on."""
        left = code in LEAVES_DELAYED if delayed is None else delayed
        self._denied[con_id] = _Denial(code, left)

    def grant(self, con_id: int) -> None:
        """Refuse a contract's data no longer."""
        self._denied.pop(con_id, None)

    def delayed(self, con_id: int, wanted: int) -> bool:
        """Tell whether a request of a type is given delayed data; raises Refused for no data."""
        if self.competing:
            raise Refused(ErrorCode.COMPETING_SESSION, TEXTS[ErrorCode.COMPETING_SESSION])
        denial = self._denied.get(con_id)
        if denial is None:
            return False
        if denial.delayed and wanted in (DELAYED, DELAYED_FROZEN):
            return True
        raise Refused(denial.code, TEXTS[denial.code])
