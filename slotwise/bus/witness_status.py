"""IB's own marks in the gateway's status: how many agree, and which do not."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

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


class ProfitStatus(msgspec.Struct, frozen=True, kw_only=True):
    """An account's profit as IB reports it, beside the one computed here, in its base currency.

    `found` has the cause of each disagreement that stands, by its measure. What is unknown is None;
    `lacking` counts the holdings that make a sum unknown here.
    """

    account: str
    at: datetime | None = None
    currency: str = ""
    daily: Decimal | None = None
    unrealized: Decimal | None = None
    realized: Decimal | None = None
    our_daily: Decimal | None = None
    our_unrealized: Decimal | None = None
    band: Decimal | None = None
    lacking_daily: int = 0
    lacking_unrealized: int = 0
    found: dict[str, str] = {}
    #: Why IB's profit does not come; empty where it does.
    trouble: str = ""


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
    profits: tuple[ProfitStatus, ...] = ()
