"""What keeps the gateway from all or a part of its work: a fact with a name and a beginning."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

#: No user is logged in at TWS; TWS takes no client like this one; its API has another port than the
#: settings say; TWS is without IB; another session of the user has the market data; the account
#: lacks permission for market data.
ConditionName: TypeAlias = Literal[
    "not_logged_in",
    "client_refused",
    "port_moved",
    "ib_lost",
    "competing_session",
    "no_permission",
]


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps the gateway from all or a part of its work, since when, and a line for people."""

    name: ConditionName
    since: datetime
    text: str
