"""What the gateway's status says of IB's own marks: how many agree, and which do not."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """One holding whose price here and at IB cannot both be right; prices are as quoted."""

    con_id: int
    label: str
    cause: str
    theirs: float
    ours: float | None
    band: float | None
    at: datetime


class WitnessStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How IB's marks compare with ours: `compared` of the last round, `found` since the start.

    `standing` counts the disagreements that stand; `shown` has the newest of them.
    """

    asked: bool = False
    at: datetime | None = None
    compared: int = 0
    standing: int = 0
    found: dict[str, int] = {}
    shown: tuple[Disagreement, ...] = ()
    #: Why IB's marks do not come; empty where they do.
    trouble: str = ""
