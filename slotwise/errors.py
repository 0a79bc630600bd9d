"""Every error Slotwise raises: one tree, so that a caller can catch one name.

The class says whose fault it is: `InputError` is the user's, `BrokerError` TWS's,
`BusError` Redis's, `LakeError` the lake's. Vendor errors are translated at the edge
that talks to the vendor and nowhere else.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

#: What the lake suffers from; empty where it is well, or of another error.
LakeTrouble: TypeAlias = Literal["", "absent", "other", "full", "read_only"]


class SlotwiseError(Exception):
    """Root of everything Slotwise raises; its text is one line fit for a person."""


class InputError(SlotwiseError):
    """What was asked for makes no sense, or names something that is not there."""


class UnknownStrategyError(InputError):
    """No active strategy has this name."""


class BrokerError(SlotwiseError):
    """TWS or IB Gateway refused, or did not answer."""


class BrokerUnreachableError(BrokerError):
    """No TWS answers at this address; `reason` is why, without the address and without advice."""

    def __init__(self, text: str, reason: str = "") -> None:
        super().__init__(text)
        self.reason = reason or text


class NotLoggedInError(BrokerUnreachableError):
    """TWS is there, but not logged in yet."""


class ClientRefusedError(BrokerUnreachableError):
    """TWS is there, but takes no client like this one."""


class BrokerTimeoutError(BrokerError):
    """TWS did not answer a request in time."""


class RequestRefusedError(BrokerError):
    """TWS answered a request with an error code."""

    def __init__(self, code: int, text: str, con_id: int | None = None) -> None:
        self.code = code
        self.text = text
        self.con_id = con_id
        where = f" for contract {con_id}" if con_id else ""
        super().__init__(f"TWS error {code}{where}: {text}")


class BusError(SlotwiseError):
    """Redis could not be reached, or refused."""


class BusAwayError(BusError):
    """No Redis answers."""


class BusVersionError(BusError):
    """Redis holds keys of another version than this process can read."""


class LakeError(SlotwiseError):
    """A Delta table could not be read or written."""


class LakeAbsentError(LakeError):
    """No lake is where it should be, a part of one, or another than the system works with."""


class NoSystemError(SlotwiseError):
    """No running system answers that could do what was asked."""


class NotKnownError(SlotwiseError):
    """What was asked for cannot be known: no rows, another time, an account that no row names."""


class StaleWriterError(LakeError):
    """Another writer has landed since this one last looked: read again, then decide again."""


class StaleSnapshotError(SlotwiseError):
    """No complete position snapshot is fresh enough to act on."""
