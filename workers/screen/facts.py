"""Everything one frame of the screen shows, with the time it is shown for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from slotwise.bus.redis_facts import RedisFacts
from slotwise.bus.status import BeatStatus, GatewayStatus, LakeStatus, QueueStatus
from slotwise.bus.trouble import Trouble
from slotwise.lake.reconciliation_queries import ReportLine
from slotwise.quote import Quote
from slotwise.reconciliation.report import Break
from slotwise.reconciliation.silences import Silence


class BusFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what was read from Redis last, and since when it does not answer."""

    #: When it was read; None where it never was.
    read_at: datetime | None = None
    gateway: GatewayStatus | None = None
    queue: QueueStatus | None = None
    #: Why the lake takes no rows, as the lake worker met it.
    lake: LakeStatus | None = None
    beat: BeatStatus | None = None
    #: When the monitor last published its verdict.
    monitor_at: datetime | None = None
    #: Why a receiver of the verdict's changes takes none, as the monitor met it.
    receiver_error: str = ""
    #: Redis's own report; None before it was asked.
    redis: RedisFacts | None = None
    #: The newest quote of each contract with a line, by contract id.
    quotes: Mapping[int, Quote] = {}
    #: How far clocks of other processes are ahead of ours, seconds, where they differ.
    clocks: Mapping[str, float] = {}
    #: Why Redis cannot be read now; empty while it can.
    error: str = ""
    away_since: datetime | None = None

    def lost(self, error: str, at: datetime, trouble: Trouble | None = None) -> BusFacts:
        """Return what was read last, with the error because of which no more comes."""
        redis = RedisFacts(error=error, trouble=trouble or "away")
        return msgspec.structs.replace(
            self, error=error, redis=redis, away_since=self.away_since or at
        )


class WorkerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The workers that answer: the queues of each, by its name."""

    read_at: datetime
    queues: Mapping[str, tuple[str, ...]] = {}
    error: str = ""


class LakeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The lake's facts on book and broker."""

    read_at: datetime
    report: ReportLine | None = None
    #: The newest report that verified something: of a stale one the one before it counts.
    verified: ReportLine | None = None
    #: Breaks no report has found healed.
    breaks: tuple[Break, ...] = ()
    #: Entries that could not land.
    set_aside: int = 0
    #: Queue items that failed for good and were not put back.
    failed_items: int = 0
    #: Silences, whether in force or not.
    silences: tuple[Silence, ...] = ()
    #: Free part of the disk, where the lake is a folder of this machine.
    disk_free_share: float | None = None
    error: str = ""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what the settings say comes how often, seconds."""

    beat_s: float = 5.0
    poll_s: float = 30.0
    reconcile_s: float = 180.0


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one frame; None is what was not looked for yet."""

    now: datetime
    #: Since when everything is asked for; None where it was asked for once, and that is over.
    began: datetime | None = None
    pace: Pace = Pace()
    #: A receiver is set for the changes of the verdict, from a monitor that is another process.
    needs_monitor: bool = False
    bus: BusFacts | None = None
    workers: WorkerFacts | None = None
    lake: LakeFacts | None = None
