"""What each process says of itself, for screens and people; never the ground of a decision."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec

from slotwise.bus.client import Bus, translated

#: A status not renewed for this long is gone, seconds: its process is.
STATUS_TTL_S = 60
#: Upper bounds of the ages that queue items are counted by, seconds: a beat, two, a lease, and
#: what is late by any measure. Older items are counted after the last.
AGE_BOUNDS_S = (5, 10, 20, 60, 300)

T = TypeVar("T", bound=msgspec.Struct)


class QuoteAges(msgspec.Struct, frozen=True, kw_only=True):
    """Say how old quotes may become by the plan, and how old the oldest one is, seconds."""

    contracts: int = 0
    planned_s: float | None = None
    worst_s: float | None = None
    never_quoted: int = 0


class RotationStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Say what the rotation promises and what it keeps; rates by the second."""

    contracts: int = 0
    resting: int = 0
    rate_planned: float = 0.0
    rate_achieved: float = 0.0
    quote_takes_s: float = 0.0
    #: The watchlist has a bound of its own; the others share what is left.
    watched: QuoteAges = QuoteAges()
    others: QuoteAges = QuoteAges()


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Say how one contract stands, in words."""

    con_id: int
    label: str
    #: streaming, waiting, refused, rotated, resting or not streamed
    state: str
    strategies: list[str]
    priority: int | None
    details: list[str]


class SessionChange(msgspec.Struct, frozen=True, kw_only=True):
    """Say where the connection went and when; `times` counts failures one after another."""

    at: datetime
    state: str
    reason: str = ""
    times: int = 1


class GatewayStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Say how the gateway is connected and who holds its lines."""

    at: datetime
    session: str
    detail: str
    limit: int
    #: contract id -> (label, strategy)
    lines: dict[int, tuple[str, str]]
    waiting: list[int]
    quotes_in_flight: int
    positions: int
    polled_at: datetime | None
    #: Since when requests can be sent; None while they cannot.
    connected_at: datetime | None
    ticks: int
    handler_errors: dict[str, int]
    #: Updates dropped because Redis was away too long, since the gateway started.
    updates_lost: int = 0
    #: Requests that TWS refused for want of a line (101), since the gateway started.
    full_refusals: int = 0
    #: Entries in the spool that have not landed.
    spooled: int = 0
    #: contract id -> why TWS gives it no line
    refused: dict[int, str] = {}
    rotation: RotationStatus = RotationStatus()
    #: Lines the settings leave alone, and those they allow; TWS may grant less: `limit`.
    reserve: int = 0
    allowed: int | None = None
    #: contract id -> label, of those that wait first
    waiting_labels: dict[int, str] = {}
    #: The last changes of the session, oldest first, since the gateway started.
    sessions: tuple[SessionChange, ...] = ()


class LandingLine(msgspec.Struct, frozen=True, kw_only=True):
    """Say what one landing committed, and how long it took."""

    at: datetime
    rows: int
    ms: float


class QueueStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Say what waits and what the lake worker did at its last landing."""

    at: datetime
    waiting: int
    leased: int
    batches: int
    oldest_s: float
    landed_rows: int
    landing_entries: int
    commit_ms: float
    #: Items that have not ended by their age: a count for each of AGE_BOUNDS_S, and of all older.
    ages: tuple[int, ...] = ()
    #: The last landings that had rows, oldest first.
    landings: tuple[LandingLine, ...] = ()


class StatusBoard:
    """Publish and read statuses, each under the name of its type."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def put(self, status: msgspec.Struct) -> None:
        """Publish a status."""
        with translated():
            self._bus.redis.set(
                self._bus.key("status", type(status).__name__),
                msgspec.msgpack.encode(status),
                ex=STATUS_TTL_S,
            )

    def get(self, kind: type[T]) -> T | None:
        """Read the newest status of a kind; None when its process has been silent."""
        with translated():
            data = self._bus.redis.get(self._bus.key("status", kind.__name__))
        return None if data is None else msgspec.msgpack.decode(data, type=kind)
