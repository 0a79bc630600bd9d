"""A strategy: a named set of contracts that deserve lines."""

from __future__ import annotations

from datetime import datetime

import msgspec

#: Priority of a strategy that names none. 1 is the most important; lines go to low numbers first.
DEFAULT_PRIORITY = 5


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """Own the contracts in `con_ids`, which are sorted, while it is active.

    1 is the highest priority.
    """

    name: str
    con_ids: tuple[int, ...]
    priority: int = DEFAULT_PRIORITY
    activated_at: datetime
