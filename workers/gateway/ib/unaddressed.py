"""Errors without a request's id (-1), and what they mean for the request for positions.

A request for positions has no id, so TWS's errors about it have none either. While one is open,
an error without an id may belong to it unless the code is known to be about something else:

| code                   | meaning                                                            |
|------------------------|--------------------------------------------------------------------|
| 2151                   | remark: positions are not available yet; rows or the end may lack  |
| 10275                  | remark: positions of the accounts named are not available          |
| 0                      | warns, such as of too many messages a second                       |
| 1100 to 1102, 1300     | speaks of the connection                                           |
| 2100 to 2199 but 2151  | speaks of farms, and warnings                                      |
| 326, 501 to 509        | speaks of the session of this client                               |
| 354, 10089 to 10091,   | speaks of market data                                              |
| 10167, 10168, 10197    |                                                                    |
| 320, 321, 322          | refuses the request; behind rows of its answer it is in doubt      |
| any other              | doubt: it may refuse the request                                   |

In doubt the request stays open, and TWS decides: where the end comes, the answer is one that is
remarked on, and where nothing more comes, it is refused in TWS's words and still owes its end.

Seen so: 2151 and 10275 before an answer without rows, 321 in read-only mode, 0 before the rest of
an answer (recordings and public reports, ib_insync #443). Texts come in TWS's language, so only
account names are looked for in them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import Enum, auto

from slotwise.account import is_account
from workers.gateway.position_answer import ALL_ACCOUNTS

#: The id of an error that names no request.
NO_REQUEST = -1


class Bearing(Enum):
    """What an error without an id means for an open request for positions."""

    #: Nothing: it is about something else.
    NONE = auto()
    #: The answer may lack positions, or its end.
    REMARK = auto()
    #: There will be no answer.
    REFUSAL = auto()
    #: There may be no answer.
    DOUBT = auto()


BEARINGS: Mapping[int, Bearing] = {
    2151: Bearing.REMARK,
    10275: Bearing.REMARK,
    **dict.fromkeys((0, 1100, 1101, 1102, 1300, 326), Bearing.NONE),
    **dict.fromkeys((354, 10089, 10090, 10091, 10167, 10168, 10197), Bearing.NONE),
    **dict.fromkeys((320, 321, 322), Bearing.REFUSAL),
}
_NONE = (range(2100, 2200), range(501, 510))
_WORD = re.compile(r"\w+")


def bearing_of(code: int) -> Bearing:
    """Return what an error without an id means for an open request for positions."""
    if code in BEARINGS:
        return BEARINGS[code]
    return Bearing.NONE if any(code in codes for codes in _NONE) else Bearing.DOUBT


def accounts_named(text: str, accounts: Collection[str]) -> tuple[str, ...]:
    """Return the accounts that a text names, or `ALL_ACCOUNTS` for none.

    `accounts` are those that are known; besides, a word that has the form of an account is one. TWS
    names accounts that it leaves out of the login's list, such as one whose application is not
    finished.
    """
    words = dict.fromkeys(_WORD.findall(text))
    found = (word for word in words if word in accounts or is_account(word))
    return tuple(found) or (ALL_ACCOUNTS,)
