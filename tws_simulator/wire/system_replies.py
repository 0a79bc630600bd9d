"""Replies about the session itself: errors and notices, ids, time, empty ends."""

from __future__ import annotations

from collections.abc import Iterable

from tws_simulator.wire.frames import frame
from tws_simulator.wire.ids import ErrorCode, Reply

#: Id of an error that belongs to no request.
NO_ID = -1
#: From these versions on an error carries the order reject JSON, then the time instead of a
#: message version.
VERSION_REJECT_JSON = 166
VERSION_ERROR_TIME = 194
#: The class name TWS puts into its texts. It changes with every build; never match on it.
OBFUSCATED = "-'bQ'"
MS_PER_S = 1000


def error(version: int, req_id: int, code: int, text: str, now: float) -> bytes:
    """Encode an error, a warning or a notice."""
    if version >= VERSION_ERROR_TIME:
        return frame(Reply.ERROR, req_id, code, text, "", int(now * MS_PER_S))
    if version >= VERSION_REJECT_JSON:
        return frame(Reply.ERROR, 2, req_id, code, text, "")
    return frame(Reply.ERROR, 2, req_id, code, text)


def error_text(code: ErrorCode, cause: str) -> str:
    """Return an error of reading, validating or processing in TWS's words."""
    return f"Error {code.name.lower()} request.{OBFUSCATED} : cause - {cause}"


def managed_accounts(accounts: Iterable[str]) -> bytes:
    """Encode the accounts of the login."""
    return frame(Reply.MANAGED_ACCOUNTS, 1, ",".join(accounts))


def next_valid_id(order_id: int) -> bytes:
    """Encode the first order id that is free."""
    return frame(Reply.NEXT_VALID_ID, 1, order_id)


def current_time(now: float) -> bytes:
    """Encode TWS's clock, in whole seconds."""
    return frame(Reply.CURRENT_TIME, 1, int(now))


def current_time_in_millis(now: float) -> bytes:
    """Encode TWS's clock, in milliseconds."""
    return frame(Reply.CURRENT_TIME_IN_MILLIS, int(now * MS_PER_S))


def open_order_end() -> bytes:
    """Encode the end of the open orders."""
    return frame(Reply.OPEN_ORDER_END, 1)


def executions_end(req_id: int) -> bytes:
    """Encode the end of the executions."""
    return frame(Reply.EXECUTIONS_END, 1, req_id)


def completed_orders_end() -> bytes:
    """Encode the end of the completed orders."""
    return frame(Reply.COMPLETED_ORDERS_END)


def user_info(req_id: int) -> bytes:
    """Encode the white branding id, which a plain user has none of."""
    return frame(Reply.USER_INFO, req_id, "")
