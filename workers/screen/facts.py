"""Everything one frame of the screen shows, with the time it is shown for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from slotwise.bus.status import GatewayStatus, QueueStatus
from slotwise.lake.queries import ReportLine
from slotwise.quote import Quote
from slotwise.reconciliation.report import Break


class BusFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what Redis told last, and since when it tells nothing."""

    #: When it was told; None where it never was.
    read_at: datetime | None = None
    gateway: GatewayStatus | None = None
    queue: QueueStatus | None = None
    #: The newest quote of each contract with a line, by contract id.
    quotes: Mapping[int, Quote] = {}
    #: Why Redis tells nothing now; empty while it does.
    error: str = ""
    away_since: datetime | None = None

    def lost(self, error: str, at: datetime) -> BusFacts:
        """Keep what was told last, and say that no more comes."""
        return msgspec.structs.replace(self, error=error, away_since=self.away_since or at)


class WorkerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Hold who works: the queues of each worker that answers, by its name."""

    read_at: datetime
    queues: Mapping[str, tuple[str, ...]] = {}
    error: str = ""


class LakeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what the lake says of book and broker."""

    read_at: datetime
    report: ReportLine | None = None
    #: Breaks no report has found healed.
    breaks: tuple[Break, ...] = ()
    error: str = ""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what the settings say comes how often, seconds."""

    beat_s: float = 5.0
    poll_s: float = 30.0
    reconcile_s: float = 180.0


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one frame; None is what nobody has looked for yet."""

    now: datetime
    pace: Pace = Pace()
    bus: BusFacts | None = None
    workers: WorkerFacts | None = None
    lake: LakeFacts | None = None
