"""RedisFacts: what Redis reports of itself, as a value."""

from __future__ import annotations

import msgspec

from slotwise.bus.trouble import Trouble


class RedisFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What Redis reports of itself; `error` where it reports nothing.

    `trouble` is the cause of the error by name, also where it answers and takes no writes.
    """

    error: str = ""
    trouble: Trouble | None = None
    version: str = ""
    append_only: bool = False
    eviction: str = "noeviction"
    ahead_s: float = 0.0
