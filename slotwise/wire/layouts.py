"""Where messages of the text protocol carry ids and names: positions of fields, as a table.

Positions count from the message id, which is field 0, as server versions 157 to 200 send them (the
versions that ib_async's client can negotiate are 157 to 178). Sources: the decoders of IB's own
client and of ib_async, read side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from slotwise.wire.frame import Direction


class Role(Enum):
    """What a field holds."""

    #: A request's id, or the first one that is free: they continue the numbers of orders.
    REQUEST = "request"
    ORDER = "order"
    #: TWS's own permanent number of an order.
    PERMANENT = "permanent"
    EXECUTION = "execution"
    ACCOUNT = "account"
    #: Several accounts, between commas.
    ACCOUNTS = "accounts"
    #: A name that the user gave: a model, a group, an order's reference.
    NAME = "name"
    #: Text in which anything may stand, such as a profile of an advisor.
    TEXT = "text"


#: Message names by sender and id, for people; messages without a name here are shown by number.
NAMES: Final[Mapping[tuple[Direction, int], str]] = {
    ("client", 1): "request market data",
    ("client", 2): "cancel market data",
    ("client", 3): "place order",
    ("client", 4): "cancel order",
    ("client", 6): "request account updates",
    ("client", 7): "request executions",
    ("client", 9): "request contract details",
    ("client", 17): "request managed accounts",
    ("client", 49): "request current time",
    ("client", 59): "set market data type",
    ("client", 61): "request positions",
    ("client", 62): "request account summary",
    ("client", 63): "cancel account summary",
    ("client", 64): "cancel positions",
    ("client", 71): "start",
    ("client", 74): "request positions of an account",
    ("client", 75): "cancel positions of an account",
    ("client", 92): "request profit and loss",
    ("client", 93): "cancel profit and loss",
    ("client", 94): "request profit and loss of a holding",
    ("client", 95): "cancel profit and loss of a holding",
    ("tws", 1): "price",
    ("tws", 2): "size",
    ("tws", 3): "order status",
    ("tws", 4): "notice",
    ("tws", 5): "open order",
    ("tws", 6): "account value",
    ("tws", 7): "portfolio value",
    ("tws", 8): "account update time",
    ("tws", 9): "next valid id",
    ("tws", 10): "contract details",
    ("tws", 11): "execution",
    ("tws", 14): "news bulletin",
    ("tws", 15): "managed accounts",
    ("tws", 16): "advisor configuration",
    ("tws", 18): "bond details",
    ("tws", 21): "option computation",
    ("tws", 45): "generic tick",
    ("tws", 46): "string tick",
    ("tws", 49): "current time",
    ("tws", 52): "contract details end",
    ("tws", 53): "open orders end",
    ("tws", 54): "account download end",
    ("tws", 55): "executions end",
    ("tws", 57): "snapshot end",
    ("tws", 58): "market data type",
    ("tws", 59): "commission report",
    ("tws", 61): "position",
    ("tws", 62): "positions end",
    ("tws", 63): "account summary",
    ("tws", 64): "account summary end",
    ("tws", 71): "position of an account",
    ("tws", 72): "positions of an account end",
    ("tws", 81): "tick parameters",
    ("tws", 91): "market data elsewhere",
    ("tws", 94): "profit and loss",
    ("tws", 95): "profit and loss of a holding",
    ("tws", 101): "completed order",
    ("tws", 107): "user information",
}

#: Roles by sender, message id and position.
LAYOUTS: Final[Mapping[tuple[Direction, int], Mapping[int, Role]]] = {
    ("client", 1): {2: Role.REQUEST},
    ("client", 2): {2: Role.REQUEST},
    ("client", 3): {1: Role.ORDER},
    ("client", 4): {2: Role.ORDER},
    ("client", 6): {3: Role.ACCOUNT},
    ("client", 7): {2: Role.REQUEST, 4: Role.ACCOUNT},
    ("client", 9): {2: Role.REQUEST},
    ("client", 62): {2: Role.REQUEST},
    ("client", 63): {2: Role.REQUEST},
    ("client", 74): {2: Role.REQUEST, 3: Role.ACCOUNT, 4: Role.NAME},
    ("client", 75): {2: Role.REQUEST},
    ("client", 92): {1: Role.REQUEST, 2: Role.ACCOUNT, 3: Role.NAME},
    ("client", 93): {1: Role.REQUEST},
    ("client", 94): {1: Role.REQUEST, 2: Role.ACCOUNT, 3: Role.NAME},
    ("client", 95): {1: Role.REQUEST},
    ("tws", 1): {2: Role.REQUEST},
    ("tws", 2): {2: Role.REQUEST},
    ("tws", 3): {1: Role.ORDER, 6: Role.PERMANENT, 7: Role.ORDER},
    ("tws", 4): {2: Role.REQUEST},
    ("tws", 5): {
        1: Role.ORDER,
        19: Role.NAME,
        20: Role.ACCOUNT,
        23: Role.NAME,
        25: Role.PERMANENT,
        31: Role.NAME,
    },
    ("tws", 6): {5: Role.ACCOUNT},
    ("tws", 7): {19: Role.ACCOUNT},
    ("tws", 9): {2: Role.REQUEST},
    ("tws", 11): {
        1: Role.REQUEST,
        2: Role.ORDER,
        14: Role.EXECUTION,
        16: Role.ACCOUNT,
        21: Role.PERMANENT,
        26: Role.NAME,
        29: Role.NAME,
    },
    ("tws", 14): {4: Role.TEXT},
    ("tws", 15): {2: Role.ACCOUNTS},
    ("tws", 16): {3: Role.TEXT},
    ("tws", 21): {1: Role.REQUEST},
    ("tws", 45): {2: Role.REQUEST},
    ("tws", 46): {2: Role.REQUEST},
    ("tws", 52): {2: Role.REQUEST},
    ("tws", 54): {2: Role.ACCOUNT},
    ("tws", 55): {2: Role.REQUEST},
    ("tws", 57): {2: Role.REQUEST},
    ("tws", 58): {2: Role.REQUEST},
    ("tws", 59): {2: Role.EXECUTION},
    ("tws", 61): {2: Role.ACCOUNT},
    ("tws", 63): {2: Role.REQUEST, 3: Role.ACCOUNT},
    ("tws", 64): {2: Role.REQUEST},
    ("tws", 71): {2: Role.REQUEST, 3: Role.ACCOUNT, 17: Role.NAME},
    ("tws", 72): {2: Role.REQUEST},
    ("tws", 81): {1: Role.REQUEST},
    ("tws", 91): {1: Role.REQUEST},
    ("tws", 94): {1: Role.REQUEST},
    ("tws", 95): {1: Role.REQUEST},
    ("tws", 101): {
        18: Role.NAME,
        19: Role.ACCOUNT,
        22: Role.NAME,
        23: Role.PERMANENT,
        28: Role.NAME,
    },
    ("tws", 107): {2: Role.TEXT},
}
#: From this server version on, contract details carry no version field before their request's id.
DETAILS_WITHOUT_VERSION = 164


def roles_of(sender: Direction, kind: int, server_version: int) -> Mapping[int, Role]:
    """Return the roles of a message's fields by position."""
    if sender == "tws" and kind in (10, 18):
        return {1 if server_version >= DETAILS_WITHOUT_VERSION else 2: Role.REQUEST}
    return LAYOUTS.get((sender, kind), {})
