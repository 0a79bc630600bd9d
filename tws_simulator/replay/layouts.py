"""Where messages carry a request's id, and which answers belong to requests without one.

Positions count from the message id, field 0. Source: IB's own client, version 10.51.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: The client's message that begins a session.
START: Final = 71
#: Requests by message id: position of their id.
REQUEST_ID: Final[Mapping[int, int]] = {
    1: 2, 7: 2, 9: 2, 20: 2, 62: 2, 74: 2, 76: 2, 78: 1, 81: 1, 92: 1, 94: 1,
}  # fmt: skip
#: Cancels by message id: the position of the id of the request that they end.
CANCELLED_ID: Final[Mapping[int, int]] = {
    2: 2, 25: 2, 63: 2, 75: 2, 77: 2, 93: 1, 95: 1,
}  # fmt: skip
#: Answers by message id: position of the request's id. Details depend on the version, see below.
ANSWER_ID: Final[Mapping[int, int]] = {
    1: 2, 2: 2, 4: 2, 11: 1, 17: 1, 21: 1, 45: 2, 46: 2, 52: 2, 55: 2, 57: 2, 58: 2, 63: 2, 64: 2,
    71: 2, 72: 2, 73: 2, 74: 2, 75: 1, 76: 1, 78: 1, 79: 1, 81: 1, 91: 1, 94: 1, 95: 1,
}  # fmt: skip
#: Details of contracts and of bonds; from this version on without a version field before the id.
DETAILS: Final = frozenset({10, 18})
DETAILS_WITHOUT_VERSION: Final = 164
#: Requests without an id: message ids of their answers, and the one that ends them; None where
#: answers come until the next such request.
WITHOUT_ID: Final[Mapping[int, tuple[frozenset[int], int | None]]] = {
    6: (frozenset({6, 7, 8, 54}), None),
    17: (frozenset({15}), 15),
    49: (frozenset({49}), 49),
    61: (frozenset({61, 62}), 62),
}
#: A notice, and where its request's id (-1: none) and its code stand.
NOTICE: Final = 4
NOTICE_ID, NOTICE_CODE = 2, 3
#: The request for positions, and codes about it without an id (recordings, public reports).
POSITIONS: Final = 61
OF_POSITIONS: Final = frozenset(("321", "2151", "10275"))
#: Requests that name a contract: position of its conId.
CON_ID: Final[Mapping[int, int]] = {1: 3, 9: 3, 20: 3}
#: The request for market data, and where it asks for one snapshot instead of a stream: counted
#: from the end, before regulatory snapshot and options.
MARKET_DATA: Final = 1
SNAPSHOT_FROM_END: Final = 3


def request_id(fields: tuple[str, ...]) -> str | None:
    """Return the id of a request; None where it has none."""
    return _at(fields, REQUEST_ID)


def cancelled_id(fields: tuple[str, ...]) -> str | None:
    """Return the id of the request that a message cancels; None where it cancels none."""
    return _at(fields, CANCELLED_ID)


def answer_position(fields: tuple[str, ...], version: int) -> int | None:
    """Return the position of the request's id in a message of TWS; None where it has none."""
    kind = number(fields)
    if kind in DETAILS:
        return 1 if version >= DETAILS_WITHOUT_VERSION else 2
    position = ANSWER_ID.get(kind)
    return position if position is not None and position < len(fields) else None


def is_of_positions(fields: tuple[str, ...]) -> bool:
    """Return True for a notice without an id about the open request for positions."""
    if number(fields) != NOTICE or len(fields) <= NOTICE_CODE:
        return False
    return fields[NOTICE_ID] == "-1" and fields[NOTICE_CODE] in OF_POSITIONS


def number(fields: tuple[str, ...]) -> int:
    """Return the message id; -1 where there is none."""
    return int(fields[0]) if fields and fields[0].isascii() and fields[0].isdigit() else -1


def _at(fields: tuple[str, ...], positions: Mapping[int, int]) -> str | None:
    position = positions.get(number(fields))
    return fields[position] if position is not None and position < len(fields) else None
