"""What is known of the running system at one moment; None or empty is what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from slotwise.bus.status import LegState
from slotwise.errors import LakeTrouble

#: The fault of Redis; empty where it is well.
RedisTrouble: TypeAlias = Literal[
    "", "away", "memory", "replica", "disk", "loading", "password", "mismatch", "eviction",
    "wrong_key", "not_asked",
]  # fmt: skip
#: The state of the session with TWS.
Session: TypeAlias = Literal[
    "ready", "unreachable", "refused", "not_logged_in", "upstream_lost", "connecting", "port_moved"
]


class Redis(msgspec.Struct, frozen=True, kw_only=True):
    """State of Redis, and how far its clock, or that of another process, is from ours."""

    trouble: RedisTrouble = ""
    text: str = ""
    since: datetime | None = None
    clock_apart_s: float = 0.0
    #: The process whose clock that is, where it is not that of Redis.
    clock_of: str = "Redis"


class Tws(msgspec.Struct, frozen=True, kw_only=True):
    """State of the session with TWS."""

    session: Session = "ready"
    since: datetime | None = None
    text: str = ""
    accounts: int = 1
    #: Where the settings look for it: host and port.
    address: str = ""
    #: TWS's notice of another port while the gateway is connected; empty without one.
    moved: str = ""


class Positions(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of positions: how many, and the accounts that are not known."""

    count: int = 0
    polled_at: datetime | None = None
    #: Seconds after which a poll is late.
    late_after_s: float = 75.0
    #: account (masked) -> since when, and why in TWS's words
    unknown: Mapping[str, tuple[datetime, str]] = {}


class MarketData(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps market data away from many contracts at once."""

    #: Another session of the user has the market data, since then.
    competing_since: datetime | None = None
    #: Contracts without permission, of those that were asked for.
    not_permitted: int = 0
    asked: int = 0
    #: Delayed data is asked for already.
    delayed: bool = False
    #: farm -> since when it is down
    farms_down: Mapping[str, datetime] = {}


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One contract of an active strategy."""

    con_id: int
    label: str = ""
    state: LegState = "seen"
    since: datetime | None = None
    reason: str = ""


class StrategyLegs(msgspec.Struct, frozen=True, kw_only=True):
    """One active strategy and its contracts."""

    name: str
    legs: tuple[Leg, ...] = ()


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Lines held, allowed by the settings, granted by TWS, and left to quotes in turn."""

    held: int = 0
    limit: int = 100
    allowed: int = 100
    kept_for_quotes: int = 0


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """How well the contracts without a line of their own are priced."""

    contracts: int = 0
    #: Contracts that never had a price.
    never: int = 0
    #: Contracts without a price at TWS's last answer, though their market is open: those
    #: that never had one, and those that had one before.
    unanswered: int = 0
    silent: int = 0
    #: Contracts whose market is closed.
    closed: int = 0
    #: Contracts that TWS does not have: no price of them exists.
    gone: int = 0
    oldest_s: float | None = None
    promised_s: float | None = None
    #: Quotes a second at this time.
    rate: float = 0.0
    #: Since when the gateway can ask for quotes.
    since: datetime | None = None
    #: The rotation is turned off in the settings.
    off: bool = False


class Landing(msgspec.Struct, frozen=True, kw_only=True):
    """How rows reach the lake."""

    landed_at: datetime | None = None
    #: Seconds after which a landing is late, and after which a queue item is.
    late_after_s: float = 20.0
    oldest_item_s: float = 0.0
    #: The oldest entry of the gateway's spool has not landed for this long, and may take this long.
    oldest_entry_s: float = 0.0
    entry_late_after_s: float = 60.0
    #: Why the lake takes no rows, and since when.
    error: str = ""
    error_since: datetime | None = None
    trouble: LakeTrouble = ""


class Workers(msgspec.Struct, frozen=True, kw_only=True):
    """Workers that answer; None where they could not be asked."""

    poll: int | None = None
    lake: int | None = None
    #: Beat sent its last message this long ago, seconds.
    beat_silent_s: float | None = None
    beat_s: float = 5.0


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest reconciliation found."""

    status: Literal["", "matched", "broken", "stale"] = ""
    reason: str = ""
    completed_at: datetime | None = None
    late_after_s: float = 540.0
    breaks: int = 0
    confirmed: int = 0
    matched: int = 0


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What needs a person's attention."""

    failed_items: int = 0
    set_aside: int = 0
    spooled: int = 0
    spool_share: float = 0.0
    #: Why the spool does not use its disk.
    spool_error: str = ""
    updates_lost: int = 0
    disk_free_share: float | None = None
    handler_errors: Mapping[str, int] = {}
    #: Handler -> for how long its call under way has lasted, seconds.
    handlers_busy_s: Mapping[str, float] = {}
    #: Why a receiver of the verdict's changes takes none.
    receiver_error: str = ""
    #: The monitor last published this long ago; None where it has no receiver.
    monitor_silent_s: float | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the verdict is made from; a part that is None could not be asked for."""

    now: datetime
    redis: Redis = Redis()
    #: When the gateway last published its status; None where there is none.
    gateway_at: datetime | None = None
    tws: Tws = Tws()
    positions: Positions = Positions()
    data: MarketData = MarketData()
    strategies: tuple[StrategyLegs, ...] = ()
    lines: Lines = Lines()
    prices: Prices = Prices()
    landing: Landing = Landing()
    workers: Workers | None = None
    book: Book | None = None
    #: False at a start, until workers or lake have answered once, or should have.
    workers_asked: bool = True
    lake_asked: bool = True
    waiting: Waiting = Waiting()
    #: Held currencies without an exchange rate, and why none comes.
    currencies_without_rate: tuple[str, ...] = ()
    rates_trouble: str = ""
    #: Why the lake cannot be read from here; empty where it can, or was not asked yet.
    lake_error: str = ""
    #: Every held market is closed: since when, in words such as "Friday 16:00 ET".
    closed_since: str = ""
