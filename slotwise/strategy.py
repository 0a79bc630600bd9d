"""A strategy: a named set of contracts that deserve lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

#: Priority of a strategy that names none. 1 is the most important; lines go to low numbers first.
DEFAULT_PRIORITY = 5


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """Own the contracts in `con_ids`, which are sorted, while it is active.

    1 is the highest priority. `quantities` says of some contracts how much the strategy holds,
    negative when short; of others it has whatever is left.
    """

    name: str
    con_ids: tuple[int, ...]
    priority: int = DEFAULT_PRIORITY
    activated_at: datetime
    quantities: Mapping[int, Decimal] = {}
